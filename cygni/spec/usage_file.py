"""Reads cygni-usage.yaml: what is assumed of the use of types and of single resources."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cygni.errors import SpecError
from cygni.pricing.usage_profiles import Profile
from cygni.pricing.usage_rules import USAGE_FILE, Measured, UsageFile, UsageRule, UsageRules
from cygni.spec.loader import FileKind, read_file, shown_file, spec_error
from cygni.spec.model import ProjectSpec
from cygni.spec.section import Path as Where
from cygni.spec.yaml_document import Document, Position, Problem, read_document
from cygni.usage_assumptions import ASSUMPTIONS, HIGHEST
from cygni.wording import did_you_mean, one_of, quoted

VERSION: Final = 1
MOST_VALUES: Final = 200_000
FILE_KIND: Final = FileKind(
    USAGE_FILE, missing="let `cx cost usage init` write one", named_with="that file with --usage"
)
_AT_MOST: Final = "at_most"
_KEYS: Final = ("version", "profile", "types", "resources", "measured")


def load_usage(path: Path) -> UsageFile:
    """The usage file at `path`. Raises SpecError with every problem of it, NotFound where there is none."""
    return parse_usage(read_file(path, FILE_KIND), shown_file(path))


def project_usage(spec: ProjectSpec, folder: Path | None, profile: Profile | None = None) -> UsageRules:
    """What is assumed of a project: `usage` of its cygni.yaml, and the usage file in its `folder` if there is one.

    Raises SpecError.
    """
    said = spec.usage.model_dump(exclude_unset=True)
    free_tier = bool(said.pop("free_tier", False))
    project = {name: Decimal(str(amount)) for name, amount in said.items()}
    return UsageRules(usage_in(folder), project, profile, free_tier)


def usage_in(folder: Path | None) -> UsageFile:
    """The usage file in a folder; one that says nothing where there is none. Raises SpecError."""
    path = folder / USAGE_FILE if folder is not None else None
    return load_usage(path) if path is not None and path.exists() else UsageFile()


def parse_usage(text: str, filename: str) -> UsageFile:
    """The usage file in `text`; `filename` is what errors call it. Raises SpecError."""
    document = read_document(text, most=MOST_VALUES)
    if document.problems:
        raise spec_error(filename, document.problems)
    return _Reading(document, filename).result()


class _Reading:
    def __init__(self, document: Document, filename: str) -> None:
        self.document = document
        self.filename = filename
        self.problems: list[Problem] = []

    def result(self) -> UsageFile:
        data = {} if self.document.empty else self.document.data
        if not isinstance(data, dict):
            self._problem((), "is no mapping", "begin with: version: 1")
            data = {}
        for key in data:
            if key not in _KEYS:
                self._problem(
                    (key,), f"is no key of this file{did_you_mean(key, _KEYS)}", f"there are {one_of(_KEYS)}"
                )
        if data and data.get("version") != VERSION:
            self._problem(("version",), f"is {quoted(data.get('version'))}", "write version: 1")
        found = UsageFile(
            profile=self._profile(data.get("profile")),
            types=self._rules(data, "types"),
            resources=self._rules(data, "resources"),
            measured=self._measured(data.get("measured")),
            name=Path(self.filename).name,
        )
        if self.problems:
            raise self._error()
        return found

    def _profile(self, value: Any) -> Profile | None:
        if value is None:
            return None
        if value not in tuple(Profile):
            self._problem(("profile",), f"is {quoted(value)}", f"use {one_of(Profile)}")
            return None
        return Profile(value)

    def _rules(self, data: Mapping[str, Any], section: str) -> tuple[UsageRule, ...]:
        entries = self._mapping(data.get(section), (section,))
        return tuple(self._rule(pattern, value, (section, pattern)) for pattern, value in entries)

    def _rule(self, pattern: str, value: Any, where: Where) -> UsageRule:
        amounts = self._amounts(value, where, (*ASSUMPTIONS, _AT_MOST))
        assumed = {name: amount for name, amount in amounts.items() if name != _AT_MOST}
        return UsageRule(pattern, assumed, amounts.get(_AT_MOST))

    def _measured(self, value: Any) -> Measured | None:
        if value is None:
            return None
        data = dict(self._mapping(value, ("measured",)))
        days, until = data.get("days"), _day(data.get("until"))
        if until is None or not isinstance(days, int) or isinstance(days, bool) or days < 1:
            self._problem(
                ("measured",), "lacks `until`, a day, or `days`, a number", "run cx cost usage sync again"
            )
            return None
        where = ("measured", "resources")
        resources = self._mapping(data.get("resources"), where)
        return Measured(until, days, {urn: self._amounts(one, (*where, urn)) for urn, one in resources})

    def _mapping(self, value: Any, where: Where) -> Iterator[tuple[str, Any]]:
        if value is not None and not isinstance(value, dict):
            self._problem(where, "is no mapping", "write `name: amount` below it")
            value = None
        yield from (value or {}).items()

    def _amounts(
        self, value: Any, where: Where, names: Collection[str] = ASSUMPTIONS
    ) -> Mapping[str, Decimal]:
        found: dict[str, Decimal] = {}
        for name, amount in self._mapping(value, where):
            path = (*where, name)
            if name not in names:
                meant = did_you_mean(name, names)
                self._problem(path, f"is nothing that is assumed{meant}", "docs/pricing.md lists what is")
            elif (
                isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= HIGHEST
            ):
                self._problem(path, f"is {quoted(amount)}", "write a number from 0 to 10^12")
            else:
                found[name] = Decimal(self.document.written[path])
        return found

    def _problem(self, where: Where, message: str, hint: str) -> None:
        places = self.document.keys, self.document.values
        position = next((one[where] for one in places if where in one), Position(1, 1))
        self.problems.append(Problem(position, where, message, hint))

    def _error(self) -> SpecError:
        return spec_error(self.filename, self.problems)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
