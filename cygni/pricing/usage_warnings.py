"""What of a usage file changes nothing: mistakes, mostly (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from cygni.pricing.estimators import estimator_of
from cygni.pricing.price_book import PriceBook
from cygni.pricing.usage_rules import UsageRules
from cygni.pricing.usage_writing import assumed_of
from cygni.resources import Resource, short_type

_NAMED: Final = 3


def usage_warnings(rules: UsageRules, resources: Iterable[Resource], book: PriceBook) -> Iterator[str]:
    """The patterns of the usage file that fit no resource, and the amounts that nothing they fit is billed by."""
    found = tuple({one.urn: one for one in resources}.values())

    @cache
    def asked() -> frozenset[tuple[str, str]]:
        """URNs, with the amounts that their estimate goes by: more than those of charges, and known only by making
        one."""
        assumed = assumed_of(found, book, rules)
        return frozenset((urn, name) for urn, amounts in assumed.items() for name in amounts)

    for fitted in rules.fitted(found):
        label = f"{rules.file.name}: {fitted.text}"
        if not fitted.resources:
            yield f"{label} fits no resource"
            continue
        types = dict.fromkeys(one.type for one in fitted.resources)
        charged = {name for token in types for name in _charged(token)}
        for name in fitted.rule.amounts:
            if name not in charged and not any((one.urn, name) in asked() for one in fitted.resources):
                yield f"{label}: {name} is not assumed of {_listed(types)}"


@cache
def _charged(token: str) -> frozenset[str]:
    """The amounts that charges of a type go by."""
    estimator = estimator_of(token)
    charges = estimator.charges if estimator is not None else ()
    return frozenset(charge.assumption for charge in charges if charge.assumption is not None)


def _listed(types: Iterable[str]) -> str:
    """`s3.Bucket, sqs.Queue, sns.Topic and 2 more`"""
    names = sorted({short_type(token) for token in types})
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
