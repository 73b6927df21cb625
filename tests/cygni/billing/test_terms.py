from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cygni.billing.entitlements import Limit
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Package, PerUnit, Tier, Volume
from cygni.billing.terms import Terms, document_of, plan_of, terms_of

AMOUNTS = st.decimals(0, 10**15, allow_nan=False, allow_infinity=False, places=6) | st.sampled_from(
    [Decimal("1E+3"), Decimal("0E-9"), Decimal("0.000000000001")]
)
ABOVE_ZERO = AMOUNTS.filter(lambda amount: amount > 0)
NAMES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,62}", fullmatch=True).filter(lambda key: key != "minimum")


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    bounds = sorted(draw(st.sets(ABOVE_ZERO, max_size=4)))
    return tuple(Tier(bound, draw(AMOUNTS), draw(AMOUNTS)) for bound in [*bounds, None])


PRICES = (
    st.builds(PerUnit, AMOUNTS)
    | st.builds(Graduated, tiers())
    | st.builds(Volume, tiers())
    | st.builds(Package, ABOVE_ZERO, AMOUNTS)
)
CHARGES = st.lists(
    st.builds(FlatFee, KEYS, NAMES, AMOUNTS)
    | st.builds(UsageCharge, KEYS, NAMES, KEYS, PRICES, AMOUNTS, AMOUNTS),
    max_size=5,
    unique_by=lambda charge: charge.key,
).map(tuple)
PLANS = st.builds(
    PlanVersion,
    key=KEYS,
    version=st.integers(1, 10**6),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    charges=CHARGES,
    minimum=AMOUNTS,
    trial_days=st.integers(0, 730),
    grace=st.integers(0, 35 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    limits=st.dictionaries(st.sampled_from([limit.value for limit in Limit]), st.integers(1, 10**9)),
)


@given(PLANS)
def test_a_plan_comes_back_from_json_as_it_was(plan: PlanVersion) -> None:
    text = json.dumps(document_of(terms_of(plan)))
    assert plan_of(plan.key, plan.version, plan.currency, json.loads(text)) == plan


@given(PLANS)
def test_no_figure_is_a_number_that_json_readers_round(plan: PlanVersion) -> None:
    def figures(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [one for key, inner in value.items() if key != "limits" for one in figures(inner)]
        if isinstance(value, list):
            return [one for inner in value for one in figures(inner)]
        return [value]

    assert not [one for one in figures(document_of(terms_of(plan))) if isinstance(one, float)]


def tier(up_to: str | None) -> dict[str, Any]:
    return {"up_to": up_to, "unit_price": "1"}


def usage(**price: Any) -> dict[str, Any]:
    return {"kind": "usage", "key": "cpu", "name": "Processors", "meter": "vcpu_hours", "price": price}


@pytest.mark.parametrize(
    ("terms", "where", "what"),
    [
        (
            {"charges": [usage(model="graduated", tiers=[tier("10"), tier("10"), tier(None)])]},
            ("charges", 0, "usage", "price", "graduated", "tiers"),
            "each tier ends above the one before",
        ),
        (
            {"charges": [usage(model="volume", tiers=[tier("10")])]},
            ("charges", 0, "usage", "price", "volume", "tiers"),
            "the last tier has no end",
        ),
        (
            {"charges": [usage(model="package", size="0", price="1")]},
            ("charges", 0, "usage", "price", "package", "size"),
            "greater than 0",
        ),
        (
            {"charges": 2 * [{"kind": "fee", "key": "base", "name": "Base", "amount": "1"}]},
            ("charges",),
            "two charges have the key 'base'",
        ),
        (
            {"charges": [{"kind": "fee", "key": "minimum", "name": "Base", "amount": "1"}]},
            ("charges",),
            "fills up to the plan's minimum",
        ),
        ({"minimum": "-1"}, ("minimum",), "greater than or equal to 0"),
        ({"minimum": "NaN"}, ("minimum",), "finite"),
        ({"minimum": "1E+999999"}, ("minimum",), "less than or equal to"),
        ({"limits": {"requests_per_minute": 0}}, ("limits",), "is 1 at least"),
        ({"limits": {"project": 3}}, ("limits", "project", "[key]"), "projects"),
        ({"tirals": 3}, ("tirals",), "not permitted"),
    ],
)
def test_what_is_wrong_is_told_with_the_field(
    terms: dict[str, Any], where: tuple[Any, ...], what: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Terms.model_validate(terms)
    [error] = caught.value.errors()
    assert error["loc"] == where
    assert what in error["msg"]
