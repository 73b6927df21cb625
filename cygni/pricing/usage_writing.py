"""The text of cygni-usage.yaml: a beginning to edit, and what was measured (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from cygni.pricing.estimation import estimate
from cygni.pricing.price_book import PriceBook
from cygni.pricing.usage import Usage, UsageSource
from cygni.pricing.usage_profiles import Profile
from cygni.pricing.usage_rules import Measured
from cygni.resources import Resource, short_type
from cygni.usage_assumptions import ASSUMPTIONS

_HEAD: Final = """\
# What the estimates of Cygni assume of use, where AWS bills by use: docs/cost.md. It changes nothing in AWS.
version: 1

# What holds where nothing below says otherwise: small, medium (ten times as much), or large (a hundred times).
profile: {profile}

# Take away the # of what you know better. A key is a type (s3.Bucket, s3.*), and below resources: a name, a URN, or the
# short type and the name; * stands for anything.
"""
_MEASURED: Final = re.compile(
    r"(?m)^(# Measured by[^\n]*\n)?measured:[^\n]*\n?(?:(?:[ \t][^\n]*)?\n|[ \t][^\n]*\Z)*"
)


class _Watching(Usage):
    """Remembers which amounts were asked for."""

    __slots__ = ("_assumed", "asked")

    def __init__(self, assumed: Usage) -> None:
        super().__init__(free_tier=assumed.free_tier)
        self._assumed = assumed
        self.asked: dict[str, Decimal] = {}

    def amount(self, name: str) -> Decimal:
        return self.asked.setdefault(name, self._assumed.amount(name))


class _WatchingEach:
    def __init__(self, assumed: UsageSource) -> None:
        self._assumed = assumed
        self.seen: dict[str, _Watching] = {}

    def for_resource(self, resource: Resource) -> Usage:
        return self.seen.setdefault(resource.urn, _Watching(self._assumed.for_resource(resource)))


def assumed_of(
    resources: Iterable[Resource], book: PriceBook, usage: UsageSource
) -> Mapping[str, Mapping[str, Decimal]]:
    """By URN, what an estimate assumes of the resources that depend on use."""
    watching = _WatchingEach(usage)
    estimate(resources, book, watching)
    return {urn: one.asked for urn, one in watching.seen.items() if one.asked}


def usage_text(resources: Iterable[Resource], book: PriceBook, usage: UsageSource, profile: Profile) -> str:
    """A usage file that changes nothing: what is assumed of each type and resource, as comments to be said better."""
    found = list({one.urn: one for one in resources}.values())
    assumed = assumed_of(found, book, usage)
    types: dict[str, dict[str, Decimal]] = {}
    own: dict[str, Mapping[str, Decimal]] = {}
    for resource in sorted(found, key=lambda one: (one.type, one.name)):
        if resource.urn in assumed:
            types.setdefault(short_type(resource.type), {}).update(assumed[resource.urn])
            some = {name: amount for name, amount in assumed[resource.urn].items() if amount}
            own[f"{short_type(resource.type)} {resource.name}"] = some or assumed[resource.urn]
    parts = [
        _HEAD.format(profile=profile),
        "types:",
        *_commented(types, described=True),
        "\nresources:",
        *_commented(own),
    ]
    return "\n".join(parts) + "\n"


def _commented(entries: Mapping[str, Mapping[str, Decimal]], *, described: bool = False) -> Iterable[str]:
    for key, amounts in entries.items():
        yield f"#  {_key(key)}:"
        for name, amount in amounts.items():
            words = f"  # {ASSUMPTIONS[name].unit}" if described else ""
            yield f"#    {name}: {_number(amount)}{words}"


def with_measured(text: str, measured: Measured) -> str:
    """A usage file with what was measured in place of what was measured before; the rest stays as it is written."""
    lines = [
        "# Measured by `cx cost usage sync`, which writes it anew. What is under resources: is stronger.",
        "measured:",
        f"  until: {measured.until}",
        f"  days: {measured.days}",
        "  resources:",
    ]
    for urn, amounts in sorted(measured.amounts.items()):
        lines.append(f"    {_key(urn)}:")
        lines += [f"      {name}: {_number(amount)}" for name, amount in sorted(amounts.items())]
    rest = _MEASURED.sub("", text).rstrip()
    return "\n".join([rest or "version: 1", "", *lines]) + "\n"


def _key(text: str) -> str:
    """Always in quotes, so that nothing in a name means anything to YAML."""
    return json.dumps(text, ensure_ascii=False)


def _number(amount: Decimal) -> str:
    return format(amount.normalize(), "f") if amount else "0"
