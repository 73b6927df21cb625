"""Inputs as the program gives them -> inputs as the state keeps them, or the reasons why not.

Adds what the official provider adds: generated names, defaults, `region` and `tagsAll`. The list
`__defaults` records which inputs the program did not write, so that a generated name outlives updates.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cygni.local_cloud.provider import documents, naming, rules
from cygni.local_cloud.provider.compare import as_text, item_property
from cygni.local_cloud.provider.schema import Property, ResourceType
from cygni.local_cloud.provider.wire import UNKNOWN, Values, has_unknown

DEFAULTS = "__defaults"

_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[^:]*:[^:]*:.+")


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that cannot be accepted; `property` may be a path such as `rules[0].status`."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What the provider's configuration adds to every resource."""

    region: str
    default_tags: Mapping[str, Any] = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()

    def ignores(self, key: str) -> bool:
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes or ("\0",))


@dataclass(frozen=True, slots=True)
class Naming:
    """What a generated name is made from. `proposed` is the engine's own choice, `mode` how binding it is."""

    resource: str
    seed: bytes = b""
    proposed: str = ""
    mode: str = ""


def check(
    kind: ResourceType, olds: Mapping[str, Any], news: Mapping[str, Any], setting: Setting, naming_: Naming
) -> tuple[Values, list[Failure]]:
    """Checked inputs and failures; with failures the inputs are not to be used."""
    failures: list[Failure] = []
    inputs: Values = {}
    for name, value in news.items():
        prop = kind.properties.get(name)
        if name == DEFAULTS:
            continue
        if prop is None or not (prop.input or name == "tagsAll"):
            failures.append(Failure(name, f"{kind.token} has no input {name!r}"))
            continue
        inputs[name] = _shaped(prop, value, name, failures)
    failures += list(_conflicts(kind.properties, inputs, ""))
    defaults = _fill_name(kind, olds, inputs, naming_, failures)
    defaults += _fill_defaults(kind.properties, inputs)
    _fill_region_and_tags(kind, inputs, setting)
    if not failures:
        for name, prop in kind.properties.items():
            failures += list(_invalid(prop, inputs.get(name), name))
        failures += [Failure(path, reason) for path, reason in rules.violations(kind.token, inputs)]
    inputs[DEFAULTS] = sorted(defaults)
    return inputs, failures


def _shaped(prop: Property, value: Any, path: str, failures: list[Failure]) -> Any:
    """The value in the property's type: 80 for "80", JSON text for an object where text is expected."""
    if value is None or value is UNKNOWN:
        return value
    if prop.type == "string":
        return _shaped_text(prop, value, path, failures)
    if prop.type == "bool":
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return _expect(value, isinstance(value, bool), "true or false", path, failures)
    if prop.type == "number":
        if isinstance(value, str):
            value = _number(value)
        ok = isinstance(value, int | float) and not isinstance(value, bool)
        return _expect(value, ok, "a number", path, failures)
    if prop.type == "map":
        if not isinstance(value, Mapping):
            return _expect(value, False, "a map", path, failures)
        item = item_property(prop)
        return {key: _shaped(item, inner, f"{path}.{key}", failures) for key, inner in value.items()}
    if prop.type == "list":
        if not isinstance(value, list):
            return _expect(value, False, "a list", path, failures)
        item = item_property(prop)
        return [_shaped(item, inner, f"{path}[{i}]", failures) for i, inner in enumerate(value)]
    if prop.type == "object":
        return _shaped_object(prop, value, path, failures)
    return value


def _shaped_text(prop: Property, value: Any, path: str, failures: list[Failure]) -> Any:
    if isinstance(value, str):
        return value
    if prop.format in documents.FORMS and isinstance(value, Mapping | list):
        return UNKNOWN if has_unknown(value) else documents.compact(value)
    if isinstance(value, int | float):
        return as_text(value)
    return _expect(value, False, "text", path, failures)


def _shaped_object(prop: Property, value: Any, path: str, failures: list[Failure]) -> Any:
    if not isinstance(value, Mapping):
        return _expect(value, False, "an object", path, failures)
    if not prop.nested:
        return dict(value)
    shaped = {}
    for name, inner in value.items():
        member = prop.nested.get(name)
        if name == DEFAULTS:
            continue
        if member is None:
            failures.append(Failure(f"{path}.{name}", f"there is no {name!r} here"))
        else:
            shaped[name] = _shaped(member, inner, f"{path}.{name}", failures)
    return shaped


def _expect(value: Any, ok: bool, what: str, path: str, failures: list[Failure]) -> Any:
    if not ok:
        failures.append(Failure(path, f"expected {what}"))
    return value


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _fill_name(
    kind: ResourceType, olds: Mapping[str, Any], inputs: Values, how: Naming, failures: list[Failure]
) -> list[str]:
    auto = kind.auto_name
    if auto is None or inputs.get(auto.property) is not None:
        return []
    prop = kind.properties[auto.property]
    if any(inputs.get(other) is not None for other in prop.conflicts_with):
        return []
    if auto.property in olds.get(DEFAULTS, ()) and olds.get(auto.property):
        inputs[auto.property] = olds[auto.property]
    elif how.mode == "DISABLE":
        failures.append(Failure(auto.property, "automatic naming is off: give a name"))
    elif how.proposed and auto.style != "exact":
        inputs[auto.property] = f"{auto.prefix}{how.proposed}"
    else:
        try:
            inputs[auto.property] = naming.generate(auto, how.resource, how.seed, inputs)
        except naming.NameTooLong as error:
            failures.append(Failure(auto.property, str(error)))
    return [auto.property]


def _fill_defaults(properties: Mapping[str, Property], values: Values) -> list[str]:
    filled = []
    for name, prop in properties.items():
        value = values.get(name)
        if value is None:
            conflict = any(values.get(other) is not None for other in prop.conflicts_with)
            if prop.default is not None and not conflict:
                values[name] = prop.default
                filled.append(name)
        elif prop.type == "object" and isinstance(value, dict):
            _fill_defaults(prop.nested, value)
        elif prop.type == "list" and prop.nested and isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    _fill_defaults(prop.nested, item)
    return filled


def _fill_region_and_tags(kind: ResourceType, inputs: Values, setting: Setting) -> None:
    if "region" in kind.properties and inputs.get("region") is None:
        inputs["region"] = setting.region
    tags = inputs.get("tags")
    if "tagsAll" in kind.properties and (tags is None or tags is UNKNOWN or isinstance(tags, Mapping)):
        inputs["tagsAll"] = tags_all(tags, setting)


def tags_all(tags: Any, setting: Setting) -> Any:
    """Provider tags under resource tags, without the ignored ones; unknown when any value is."""
    if tags is UNKNOWN or has_unknown(setting.default_tags):
        return UNKNOWN
    merged = {**setting.default_tags, **(tags or {})}
    merged = {key: value for key, value in merged.items() if not setting.ignores(key)}
    return UNKNOWN if has_unknown(merged) else merged


def _conflicts(properties: Mapping[str, Property], values: Mapping[str, Any], path: str) -> Iterator[Failure]:
    reported: set[frozenset[str]] = set()
    for name, prop in properties.items():
        group = prop.exactly_one_of
        if group and frozenset(group) not in reported and set(group) <= properties.keys():
            reported.add(frozenset(group))
            given = [other for other in group if values.get(other) is not None]
            if len(given) != 1:
                found = f"{len(given)} are given" if given else "none is given"
                yield Failure(path + group[0], f"exactly one of {', '.join(group)} is needed, {found}")
        group = prop.at_least_one_of
        if group and frozenset(group) not in reported:
            reported.add(frozenset(group))
            if all(values.get(other) is None for other in group):
                yield Failure(path + group[0], f"at least one of {', '.join(group)} is needed")
        value = values.get(name)
        if value is None:
            continue
        for other in prop.conflicts_with:
            pair = frozenset((name, other))
            if pair not in reported and values.get(other) not in (None, False):
                reported.add(pair)
                if value is not False:
                    yield Failure(path + name, f"{name} conflicts with {other}")
        for other in prop.requires:
            if values.get(other) is None and value is not False:
                yield Failure(path + name, f"{name} needs {other} as well")


def _invalid(prop: Property, value: Any, path: str) -> Iterator[Failure]:
    if value is None:
        if prop.required:
            yield Failure(path, f"{path} is required")
        return
    if value is UNKNOWN:
        return
    if prop.type == "object" and isinstance(value, Mapping):
        yield from _conflicts(prop.nested, value, f"{path}.")
        for name, member in prop.nested.items():
            yield from _invalid(member, value.get(name), f"{path}.{name}")
    elif prop.type == "list" and isinstance(value, list):
        yield from _invalid_list(prop, value, path)
    elif prop.type == "string" and isinstance(value, str):
        yield from _invalid_text(prop, value, path)
    elif prop.type == "number" and isinstance(value, int | float):
        yield from _invalid_number(prop, value, path)


def _invalid_list(prop: Property, value: list[Any], path: str) -> Iterator[Failure]:
    if prop.min_items is not None and len(value) < prop.min_items:
        yield Failure(path, f"at least {prop.min_items} needed, {len(value)} given")
    if prop.max_items is not None and len(value) > prop.max_items:
        yield Failure(path, f"at most {prop.max_items} allowed, {len(value)} given")
    item = item_property(prop)
    for index, inner in enumerate(value):
        yield from _invalid(item, inner, f"{path}[{index}]")
        if prop.enum and isinstance(inner, str) and inner not in prop.enum:
            yield Failure(f"{path}[{index}]", _not_one_of(inner, prop.enum))


def _invalid_number(prop: Property, value: float, path: str) -> Iterator[Failure]:
    if prop.enum and value not in prop.enum:
        yield Failure(path, _not_one_of(value, prop.enum))
    if prop.min is not None and value < prop.min:
        yield Failure(path, f"{as_text(value)} is below the minimum of {as_text(prop.min)}")
    if prop.max is not None and value > prop.max:
        yield Failure(path, f"{as_text(value)} is above the maximum of {as_text(prop.max)}")


def _invalid_text(prop: Property, value: str, path: str) -> Iterator[Failure]:
    if prop.enum and value not in prop.enum:
        yield Failure(
            path, "not one of the allowed values" if prop.sensitive else _not_one_of(value, prop.enum)
        )
    if prop.min_length is not None and len(value) < prop.min_length:
        yield Failure(path, f"{len(value)} characters, at least {prop.min_length} are needed")
    if prop.max_length is not None and len(value) > prop.max_length:
        yield Failure(path, f"{len(value)} characters, at most {prop.max_length} are allowed")
    if prop.pattern and value and not re.fullmatch(prop.pattern, value, re.DOTALL):
        yield Failure(path, f"must match {prop.pattern}")
    reason = _malformed(prop.format, value) if value else None
    if reason:
        yield Failure(path, reason)


def _malformed(form: str, value: str) -> str | None:
    if form == "arn":
        return None if _ARN.fullmatch(value) else "must be an ARN (arn:partition:service:region:account:…)"
    if form in documents.FORMS:
        try:
            json.loads(value)
        except ValueError as error:
            return f"must be JSON: {error}"
    if form in ("cidr4", "cidr6"):
        try:
            network = ipaddress.ip_network(value)
        except ValueError as error:
            return f"must be a CIDR block: {error}"
        if "/" not in value or network.version != (4 if form == "cidr4" else 6):
            example = "10.0.0.0/16" if form == "cidr4" else "2001:db8::/56"
            return f"must be an IPv{form[-1]} CIDR block such as {example}"
    return None


def _not_one_of(value: Any, allowed: tuple[Any, ...]) -> str:
    return f"{value!r} is not one of {', '.join(as_text(item) for item in allowed)}"
