"""The base of every model of the specification: strict, frozen, and plain-spoken about what is wrong.

Pydantic finds what is wrong with one field; a section also finds what is wrong between fields, and unknown
keys, all in one go, and says each in words. Every error a section raises has the type `spec` and the fields
of a `Finding` in its context; `depth` is the length of the path inside the section that found it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from cygni.wording import did_you_mean, nearest, one_of, quoted

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where (relative to the section), what, and what would be right.

    `related` are other values of the section that matter too, `at_key` says that the key itself is wrong.
    """

    path: Path
    message: str
    hint: str | None = None
    related: tuple[Path, ...] = ()
    at_key: bool = False

    def error(self) -> PydanticCustomError:
        context = {
            "message": self.message,
            "hint": self.hint,
            "related": self.related,
            "depth": len(self.path),
            "at_key": self.at_key,
        }
        return PydanticCustomError("spec", "{message}", context)

    def raised(self, title: str) -> ValidationError:
        """An error for a place below the one being validated, which `error` alone cannot name."""
        return ValidationError.from_exception_data(title, [self.detail()])

    def detail(self, value: Any = None) -> InitErrorDetails:
        return InitErrorDetails(type=self.error(), loc=self.path, input=value)


@dataclass(frozen=True, slots=True)
class Text:
    """Marks a field as text that follows one pattern, told in words when it does not.

    `pattern` is unanchored and kept to what Python, Rust and ECMAScript read alike.
    """

    pattern: str
    says: str
    longest: int
    shortest: int = 1

    def check(self, value: str) -> str:
        if len(value) > self.longest:
            message = f"{quoted(value)} has {len(value)} characters, and {self.longest} are allowed"
            raise Finding((), message, self.says).error()
        if len(value) < self.shortest or not re.fullmatch(self.pattern, value, re.DOTALL):
            raise Finding((), f"{quoted(value)} is not allowed", self.says).error()
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written = handler(schema)
        lengths = {"minLength": self.shortest, "maxLength": self.longest}
        return written | {"pattern": f"^(?:{self.pattern})$"} | lengths


@dataclass(frozen=True, slots=True)
class Choice:
    """Marks a field as one of a few values; `says` tells which, and defaults to listing them."""

    values: tuple[Any, ...]
    says: str

    def check(self, value: Any) -> Any:
        if value not in self.values:
            message = f"{quoted(value)} is not one of the choices"
            if isinstance(value, str) and (meant := nearest(value, self.values)):
                raise Finding((), f'{message}; did you mean "{meant}"?', f"write {meant}").error()
            raise Finding((), message, self.says).error()
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"enum": list(self.values)}


class Section(BaseModel):
    """A mapping of the specification. Subclasses add rules between fields with `findings`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=False)

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        """What is wrong between the fields of `data`, which is not validated: any value may have any type."""
        return ()

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """The keys a person may write here."""
        return tuple(cls.model_fields)

    @classmethod
    def unknown_key(cls, key: str) -> Finding:
        known = cls.known_keys()
        message = "unknown key" + did_you_mean(key, known)
        return Finding((key,), message, f"the keys known here are {one_of(known)}", at_key=True)

    @model_validator(mode="wrap")
    @classmethod
    def _find_everything(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, Mapping):
            return handler(data)
        strange = [str(key) for key in data if key not in cls.model_fields]
        unknown = [cls.unknown_key(key) for key in strange]
        details = [finding.detail() for finding in (*unknown, *cls.findings(data))]
        section: Self | None = None
        try:
            section = handler(data)
        except ValidationError as error:
            meant = {nearest(key, cls.known_keys()) for key in strange}
            new = [each for each in error.errors() if not _is_told_otherwise(each, meant)]
            details += [_in_words(each, cls.model_fields) for each in new]
        if details:
            raise ValidationError.from_exception_data(cls.__name__, details)
        assert section is not None  # the handler fails only with an error, and every error became a detail
        return section


def _is_told_otherwise(error: ErrorDetails, meant: set[str | None]) -> bool:
    """Whether an error only repeats another: an unknown key, a key that was mistyped, an entry of a list."""
    match error["type"]:
        case "extra_forbidden":
            return True
        case "missing":
            return error["loc"][-1] in meant
        case "too_short":
            return bool(error["input"])  # it counts only the entries that are right
    return False


def findings_of(error: ValidationError) -> list[Finding]:
    """The findings a section's validation ended with; paths start at the model that was validated."""
    return [_finding(each) for each in error.errors()]


def _finding(error: ErrorDetails) -> Finding:
    path = tuple(part for part in error["loc"] if part != "[key]")
    at_key = "[key]" in error["loc"]
    if error["type"] != "spec":
        return Finding(path, error["msg"], at_key=at_key)
    context = error["ctx"]
    section = path[: len(path) - context["depth"]]
    related = tuple((*section, *near) for near in context["related"])
    return Finding(path, context["message"], context["hint"], related, at_key or context["at_key"])


def _in_words(error: ErrorDetails, fields: Mapping[str, FieldInfo]) -> InitErrorDetails:
    """A field's error as pydantic tells it, retold; one that a section told already is kept."""
    if error["type"] == "spec":
        told = PydanticCustomError("spec", "{message}", error["ctx"])
    else:
        message, hint = _retold(error, fields)
        told = Finding((), message, hint).error()
    return InitErrorDetails(type=told, loc=error["loc"], input=error["input"])


def _retold(error: ErrorDetails, fields: Mapping[str, FieldInfo]) -> tuple[str, str | None]:
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            key = str(error["loc"][-1])
            examples = fields[key].examples if key in fields else None
            return "is missing", f"add `{key}: {examples[0]}`" if examples else f"add `{key}:`"
        case "int_type" | "int_from_float" | "int_parsing":
            digits = isinstance(value, str) and value.isdecimal()
            return f"should be a whole number, not {quoted(value)}", "remove the quotes" if digits else None
        case "float_type" | "float_parsing" | "finite_number":
            digits = isinstance(value, str) and value.replace(".", "", 1).isdecimal()
            return f"should be a number, not {quoted(value)}", "remove the quotes" if digits else None
        case "string_type":
            scalar = isinstance(value, int | float)
            hint = f'put it in quotes: "{quoted(value)}"' if scalar else None
            return f"should be text, not {quoted(value)}", hint
        case "bool_type" | "bool_parsing":
            return f"should be true or false, not {quoted(value)}", "write true or false, without quotes"
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            return f"should be a mapping, not {quoted(value)}", "write `key: value` lines, indented, under it"
        case "list_type" | "tuple_type":
            return (
                f"should be a list, not {quoted(value)}",
                'write `["first", "second"]`, or one `- ` line each',
            )
        case "enum" | "literal_error":
            return _not_one_of(value, fields, error)
        case "greater_than_equal":
            return f"{quoted(value)} is too small", f"the least is {context['ge']:.0f}"
        case "less_than_equal":
            return f"{quoted(value)} is too large", f"the most is {context['le']:.0f}"
        case "too_long":
            return f"has more than {context['max_length']} entries", "split the project into several"
        case "too_short":
            return "is empty", "give it at least one entry"
    return error["msg"], None


def _not_one_of(value: Any, fields: Mapping[str, FieldInfo], error: ErrorDetails) -> tuple[str, str]:
    expected = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    meant = did_you_mean(value, expected) if isinstance(value, str) else ""
    return f"{quoted(value)} is not one of the choices{meant}", f"use {one_of(expected)}"
