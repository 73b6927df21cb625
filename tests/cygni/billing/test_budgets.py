from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cygni.billing.budgets import (
    THRESHOLDS,
    BudgetState,
    Ladder,
    Limits,
    Position,
    Step,
    expected,
    forecast_exceeds,
    is_used_up,
    left,
    limited,
    may_reserve,
    pace,
    reached,
    share,
    state,
    step_for,
)
from cygni.billing.meters import Aggregation
from cygni.billing.periods import Period

START = datetime(2026, 3, 1, tzinfo=UTC)
MARCH = Period(START, datetime(2026, 4, 1, tzinfo=UTC))

amounts = st.fractions(min_value=Fraction(1, 1000), max_value=10**6)
quantities = st.fractions(min_value=0, max_value=10**7)
limits = st.builds(
    Limits,
    amount=amounts,
    thresholds=st.frozensets(st.sampled_from(THRESHOLDS)),
    hard=st.booleans(),
    grace=st.timedeltas(timedelta(), timedelta(days=31)),
)
positions = st.builds(Position, period=st.just(MARCH), used=quantities, reserved=quantities)
moments = st.timedeltas(timedelta(days=-30), timedelta(days=60)).map(lambda passed: START + passed)


@given(amounts, st.lists(quantities, max_size=30))
def test_however_many_ask_no_more_than_a_hard_limit_is_given(amount: Fraction, needs: list[Fraction]) -> None:
    allowed, given_out = Limits(amount, hard=True), Fraction(0)
    for need in needs:
        position = Position(MARCH, Fraction(0), given_out)
        if may_reserve(allowed, position, need):
            given_out += need
        assert given_out <= amount
        assert left(allowed, position) >= 0


@given(limits, positions, quantities)
def test_what_fits_is_never_refused(of: Limits, position: Position, need: Fraction) -> None:
    if 0 < need <= left(of, position):
        assert may_reserve(of, position, need)


@given(limits, positions, quantities)
def test_raising_a_budget_never_takes_anything_away(of: Limits, position: Position, more: Fraction) -> None:
    raised = Limits(of.amount + more, of.thresholds, of.hard, of.grace)
    need = Fraction(1)
    assert may_reserve(raised, position, need) >= may_reserve(of, position, need)
    assert set(reached(raised, position)) <= set(reached(of, position))
    assert is_used_up(of, position) >= is_used_up(raised, position)


@given(limits, positions, quantities)
def test_using_more_never_takes_a_threshold_back(of: Limits, position: Position, more: Fraction) -> None:
    later = Position(MARCH, position.used + more)
    assert set(reached(of, position)) <= set(reached(of, later))


@given(limits, positions, moments, moments)
def test_states_follow_from_use_and_time(
    of: Limits, position: Position, since: datetime, now: datetime
) -> None:
    found = state(of, position, since, now)
    assert (found in {BudgetState.SOFT, BudgetState.HARD}) == (of.hard and is_used_up(of, position))
    if found is BudgetState.SOFT:
        assert now < since + of.grace
    if found is BudgetState.OK:
        assert reached(of, position) == ()


def test_a_threshold_is_reached_exactly() -> None:
    of = Limits(Fraction(10))
    assert reached(of, Position(MARCH, Fraction(499, 100))) == ()
    assert reached(of, Position(MARCH, Fraction(5))) == (50,)
    assert reached(of, Position(MARCH, Fraction(999, 100))) == (50, 75, 80, 90)
    assert reached(of, Position(MARCH, Fraction(11))) == THRESHOLDS


def test_what_uses_as_it_runs_fits_while_anything_is_left() -> None:
    of = Limits(Fraction(10), hard=True)
    assert may_reserve(of, Position(MARCH, Fraction(9)), Fraction(0))
    assert not may_reserve(of, Position(MARCH, Fraction(10)), Fraction(0))


def test_grace_begins_when_it_is_used_up() -> None:
    of = Limits(Fraction(10), hard=True, grace=timedelta(hours=2))
    used_up = Position(MARCH, Fraction(10))
    assert state(of, used_up, None, START) is BudgetState.SOFT
    assert state(of, used_up, START, START + timedelta(minutes=119)) is BudgetState.SOFT
    assert state(of, used_up, START, START + timedelta(hours=2)) is BudgetState.HARD


class TestForecast:
    def test_is_the_pace_so_far_kept_up(self) -> None:
        middle = START + (MARCH.end - MARCH.start) / 2
        assert expected(Aggregation.SUM, Fraction(7), MARCH, middle) == 14
        assert expected(Aggregation.MAX, Fraction(7), MARCH, middle) == 7
        assert expected(Aggregation.UNIQUE_COUNT, Fraction(7), MARCH, middle) == 7

    def test_is_none_before_a_tenth_is_over(self) -> None:
        tenth = (MARCH.end - MARCH.start) / 10
        assert pace(MARCH, START + tenth - timedelta(seconds=1)) is None
        assert pace(MARCH, START + tenth) == 10

    @given(quantities, moments)
    def test_is_never_less_than_what_was_used(self, used: Fraction, now: datetime) -> None:
        for aggregation in Aggregation:
            found = expected(aggregation, used, MARCH, now)
            assert found is None or found >= used

    def test_exceeds_only_what_is_not_used_up(self) -> None:
        of = Limits(Fraction(10))
        assert forecast_exceeds(of, Position(MARCH, Fraction(6), forecast=Fraction(11)))
        assert not forecast_exceeds(of, Position(MARCH, Fraction(6), forecast=Fraction(10)))
        assert not forecast_exceeds(of, Position(MARCH, Fraction(10), forecast=Fraction(20)))


class TestLadder:
    @given(
        st.sampled_from(["production", "staging", "local", "prod-preview-1"]), st.booleans(), st.booleans()
    )
    def test_never_pauses_what_is_no_preview(self, name: str, pause: bool, floor: bool) -> None:
        assert step_for(name, Ladder(pause, floor)) == (Step.FLOOR if floor else None)

    @given(st.booleans(), st.booleans())
    def test_pauses_previews_where_chosen(self, pause: bool, floor: bool) -> None:
        assert step_for("preview-12", Ladder(pause, floor)) == (Step.PAUSE if pause else None)


@given(st.sampled_from(Step), st.dictionaries(st.sampled_from(["web", "mailer", "busy"]), st.integers(0, 50)))
def test_services_are_scaled_down_alone_and_to_nothing_where_they_are_paused_alone(
    step: Step, counts: dict[str, int]
) -> None:
    found = limited(step, counts)
    assert all(found[name] < counts[name] for name in found)
    assert all(found.get(name, count) <= 1 for name, count in counts.items())
    if step is Step.FLOOR:
        assert all(found.get(name, count) >= min(count, 1) for name, count in counts.items())


@given(quantities, quantities)
def test_a_share_is_between_nothing_and_all(part: Fraction, whole: Fraction) -> None:
    assert 0 <= share(part, whole) <= 1
