"""What is assumed of the use of each resource, by everything that anybody has said of it (pure).

From the weakest word to the strongest: a profile, `usage` of cygni.yaml, and of cygni-usage.yaml the types, what was
measured, and the resources. Of several rules that fit, one without a wildcard is stronger than one with, and among
equals the later one. Each amount keeps the source it is from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fnmatch import translate
from functools import cached_property
from typing import Final

from cygni.pricing.usage import SourcedUsage, Usage
from cygni.pricing.usage_profiles import Profile, profile_amounts
from cygni.resources import Resource, short_type

USAGE_FILE: Final = "cygni-usage.yaml"
_WILD: Final = re.compile(r"[*?\[]")

Amounts = Mapping[str, Decimal]
"""Assumed amounts by their name, as `cygni.usage_assumptions` has them."""


@dataclass(frozen=True)
class UsageRule:
    """Amounts for what fits `pattern`, in which `*`, `?` and `[...]` stand for others as in file names; and what the
    parts of it without a price cost at most, USD a month each resource."""

    pattern: str
    amounts: Amounts
    at_most: Decimal | None = None

    @cached_property
    def _fits(self) -> re.Pattern[str]:
        return re.compile(translate(self.pattern))

    @property
    def exact(self) -> bool:
        return not _WILD.search(self.pattern)

    def fits(self, *names: str) -> bool:
        return any(self._fits.match(name) for name in names)


@dataclass(frozen=True, slots=True)
class FittedRule:
    """A rule of a `section` of the usage file (`types`, `resources`), and the resources that it fits."""

    section: str
    rule: UsageRule
    resources: tuple[Resource, ...]

    @property
    def text(self) -> str:
        """`types s3.*`"""
        return f"{self.section} {self.rule.pattern}"


@dataclass(frozen=True)
class Measured:
    """Amounts that were measured, by URN: in so many `days` up to the day `until`."""

    until: date
    days: int
    amounts: Mapping[str, Amounts]

    @property
    def source(self) -> str:
        return f"measured in {self.days} days to {self.until}"


@dataclass(frozen=True)
class UsageFile:
    """What cygni-usage.yaml says. `types` fit a type token or its short form (`s3.Bucket`), `resources` a name, a URN,
    or the short type and the name (`s3.Bucket uploads`). `name` is what sources and warnings call the file."""

    profile: Profile | None = None
    types: tuple[UsageRule, ...] = ()
    resources: tuple[UsageRule, ...] = ()
    measured: Measured | None = None
    name: str = USAGE_FILE


@dataclass(frozen=True)
class UsageRules:
    """`project` is what cygni.yaml says explicitly; `profile` is the caller's word, stronger than that of the file."""

    file: UsageFile = field(default_factory=UsageFile)
    project: Amounts = field(default_factory=dict)
    profile: Profile | None = None
    free_tier: bool = False

    def for_resource(self, resource: Resource) -> Usage:
        types = _ordered(self.file.types, _type_names(resource))
        resources = _ordered(self.file.resources, _resource_names(resource))
        measured = self.file.measured
        own = measured.amounts.get(resource.urn) if measured is not None else None
        if not types and not resources and own is None:
            return self._of_all
        amounts, sources = dict(self._base[0]), dict(self._base[1])
        for rule in types:
            _say(amounts, sources, rule.amounts, f"{self.file.name}, types {rule.pattern}")
        if own is not None and measured is not None:
            _say(amounts, sources, own, measured.source)
        for rule in resources:
            _say(amounts, sources, rule.amounts, f"{self.file.name}, resources {rule.pattern}")
        said = [rule.at_most for rule in (*types, *resources) if rule.at_most is not None]
        at_most = said[-1] if said else None
        return SourcedUsage(sources=sources, free_tier=self.free_tier, at_most=at_most, **amounts)

    def fitted(self, resources: Iterable[Resource]) -> Iterator[FittedRule]:
        """Each rule of the file, with what it fits."""
        found = tuple(resources)
        sections = (
            ("types", self.file.types, _type_names),
            ("resources", self.file.resources, _resource_names),
        )
        for section, rules, names_of in sections:
            named: dict[str, dict[str, Resource]] = {}
            for one in found if rules else ():
                for name in names_of(one):
                    named.setdefault(name, {})[one.urn] = one
            yield from (FittedRule(section, rule, _fitting(rule, named)) for rule in rules)

    @cached_property
    def _base(self) -> tuple[dict[str, Decimal], dict[str, str]]:
        """What holds for every resource, and who says so."""
        amounts: dict[str, Decimal] = {}
        sources: dict[str, str] = {}
        profile = self.profile or self.file.profile or Profile.SMALL
        _say(amounts, sources, profile_amounts(profile), f"profile {profile}")
        _say(amounts, sources, self.project, "cygni.yaml")
        return amounts, sources

    @cached_property
    def _of_all(self) -> Usage:
        amounts, sources = self._base
        return SourcedUsage(sources=sources, free_tier=self.free_tier, **amounts)


def _type_names(resource: Resource) -> tuple[str, ...]:
    """What a rule of `types` may call it."""
    return resource.type, short_type(resource.type)


def _resource_names(resource: Resource) -> tuple[str, ...]:
    """What a rule of `resources` may call it."""
    return resource.name, resource.urn, f"{short_type(resource.type)} {resource.name}"


def _fitting(rule: UsageRule, named: Mapping[str, Mapping[str, Resource]]) -> tuple[Resource, ...]:
    """The resources that a rule fits, of those by their names and URNs. A file may have a rule for each resource, so
    one without a wildcard is looked up."""
    names = (rule.pattern,) if rule.exact else (name for name in named if rule.fits(name))
    found = {urn: one for name in names for urn, one in named.get(name, {}).items()}
    return tuple(found.values())


def _ordered(rules: Iterable[UsageRule], names: tuple[str, ...]) -> list[UsageRule]:
    """The rules that fit one of the names, the strongest last."""
    return sorted((rule for rule in rules if rule.fits(*names)), key=lambda rule: rule.exact)


def _say(amounts: dict[str, Decimal], sources: dict[str, str], said: Amounts, source: str) -> None:
    amounts.update(said)
    sources.update(dict.fromkeys(said, source))
