from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cygni.billing.margin import WHOLE, Margin, billed_by_project, divided, margins
from cygni.billing.periods import Period
from cygni.billing.plans import PlanVersion
from cygni.billing.rating import Line, LineKind

APRIL = Period(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
PLAN = PlanVersion("team", 1, "USD")


def line(amount: str, meter: str | None = None) -> Line:
    kind = LineKind.FEE if meter is None else LineKind.USAGE
    return Line(meter or "fee", "", kind, PLAN, APRIL, Fraction(amount), Decimal(amount), meter=meter)


USED = {
    "vcpu_hours": {"shop": Fraction(3), "blog": Fraction(1)},
    "requests": {"blog": Fraction(10)},
    "seats": {},
}


def used(of: Line) -> dict[str, Fraction]:
    return USED[of.meter or ""]


def test_usage_is_billed_for_the_projects_that_used_it() -> None:
    found = billed_by_project([line("8.00", "vcpu_hours"), line("5.00", "requests")], used)
    assert found == {"shop": 6, "blog": 7}


def test_fees_are_divided_as_usage_is() -> None:
    assert billed_by_project([line("8.00", "vcpu_hours"), line("20.00")], used) == {"shop": 21, "blog": 7}


def test_what_no_project_used_stays_with_the_whole() -> None:
    assert billed_by_project([line("8.00", "seats"), line("20.00")], used) == {WHOLE: 28}


def test_a_project_that_was_corrected_below_zero_is_billed_nothing() -> None:
    assert divided(Fraction(6), {"shop": Fraction(-1), "blog": Fraction(2)}) == {"blog": 6}


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from([*USED, None])), max_size=8),
    st.dictionaries(st.sampled_from(["shop", "blog", "api"]), st.fractions(-5, 5)),
)
def test_parts_sum_up_to_the_lines(
    amounts: list[tuple[int, str | None]], shares: dict[str, Fraction]
) -> None:
    lines = [line(f"{cents // 100}.{cents % 100:02}", meter) for cents, meter in amounts]
    found = billed_by_project(lines, lambda _: shares)
    assert sum(found.values()) == sum(Fraction(one.amount) for one in lines)


def test_a_margin_is_what_is_left_of_what_is_billed() -> None:
    found = margins({"shop": Fraction(20), WHOLE: Fraction(5)}, {"shop": Fraction(15), "blog": Fraction(2)})
    assert [(one.project, one.amount, one.percent) for one in found] == [
        ("blog", Fraction(-2), None), ("shop", Fraction(5), Fraction(25)), (WHOLE, Fraction(5), Fraction(100)),
    ]  # fmt: skip
    assert Margin("shop", Fraction(10), Fraction(12)).percent == -20
