"""The life of a deployment, over all that can be asked of it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.errors import WrongState
from platform_api.deployments.kinds import PLANNED, Kind
from platform_api.deployments.lifecycle import (
    ATTEMPTS,
    LIMITS,
    OCCUPYING,
    OVER,
    RUNNING,
    By,
    Status,
    after_loss,
    after_plan,
    allowed,
    handed_back,
    require,
    taken_up,
)

S = Status
MOVES = [
    (before, after, by)
    for before, after, by in itertools.product(Status, Status, By)
    if allowed(before, after, by)
]


class TestTransitions:
    def test_are_these_and_no_others(self) -> None:
        told: dict[By, dict[str, str]] = {
            By.PERSON: {
                "queued": "cancelled",
                "awaiting_approval": "approved cancelled",
                "approved": "cancelled",
                "recovering": "cancelled",
            },
            By.WORKER: {
                "queued": "planning releasing",
                "planning": "queued awaiting_approval applying recovering succeeded failed cancelled",
                "approved": "applying releasing",
                "applying": "releasing recovering succeeded failed cancelled",
                "releasing": "watching recovering succeeded failed cancelled",
                "watching": "watching succeeded failed cancelled",
                "recovering": "planning releasing",
            },
            By.REAPER: {
                "queued": "cancelled",
                "awaiting_approval": "cancelled",
                "approved": "cancelled",
                "planning": "recovering cancelled needs_attention",
                "applying": "recovering cancelled needs_attention",
                "releasing": "recovering cancelled needs_attention",
                "watching": "watching cancelled",
                "recovering": "cancelled",
            },
        }
        expected = {
            (S(before), S(after), by)
            for by, moves in told.items()
            for before, afters in moves.items()
            for after in afters.split()
        }
        assert set(MOVES) == expected

    def test_lead_nowhere_from_where_it_is_over_and_somewhere_from_everywhere_else(self) -> None:
        assert {before for before, _, _ in MOVES} == set(Status) - OVER
        assert set(LIMITS) == set(Status) - OVER

    def test_lead_to_where_somebody_works_by_a_worker_alone(self) -> None:
        assert {by for before, after, by in MOVES if after in RUNNING and after is not before} == {By.WORKER}

    def test_lead_from_where_somebody_works_by_no_person(self) -> None:
        assert By.PERSON not in {by for before, _, by in MOVES if before in RUNNING}

    def test_are_refused_with_the_status_it_has(self) -> None:
        with pytest.raises(WrongState, match="awaiting approval cannot become applying") as raised:
            require(S.AWAITING_APPROVAL, S.APPLYING, By.WORKER)
        assert raised.value.details == {"status": "awaiting_approval"}

    @given(st.lists(st.sampled_from(MOVES), max_size=40))
    def test_apply_nothing_that_waits_for_approval_before_a_person_approved(
        self, moves: list[tuple[Status, Status, By]]
    ) -> None:
        now, waited, approved = S.QUEUED, False, False
        for before, after, by in moves:
            if before is not now:
                continue
            if waited and after in (S.APPLYING, S.RELEASING):
                assert approved
            waited |= after is S.AWAITING_APPROVAL
            approved |= after is S.APPROVED and by is By.PERSON
            now = after


class TestTakenUp:
    @pytest.mark.parametrize("kind", Kind)
    def test_is_something_a_worker_may_do_or_refused(self, kind: Kind) -> None:
        waiting = {S.QUEUED, S.RECOVERING, S.WATCHING, S.APPROVED}
        for status in Status:
            if status in waiting:
                assert taken_up(status, kind) in RUNNING
            else:
                with pytest.raises(WrongState):
                    taken_up(status, kind)

    def test_plans_again_what_was_interrupted(self) -> None:
        assert {kind for kind in Kind if taken_up(S.RECOVERING, kind) is S.PLANNING} == PLANNED


class TestAfterLoss:
    @pytest.mark.parametrize("status", sorted(RUNNING))
    @pytest.mark.parametrize("cancelled", [False, True])
    def test_is_recovered_so_often_and_no_more(self, status: Status, cancelled: bool) -> None:
        found = [after_loss(status, attempt, cancelled=cancelled) for attempt in range(1, ATTEMPTS + 2)]
        assert all(allowed(status, after, By.REAPER) for after in found)
        if status is S.WATCHING:
            assert set(found) == {S.WATCHING}
        elif cancelled:
            assert set(found) == {S.CANCELLED}
        else:
            assert found == [S.RECOVERING] * (ATTEMPTS - 1) + [S.NEEDS_ATTENTION] * 2


class TestHandedBack:
    def test_goes_to_the_end_of_its_queue_only_where_nothing_was_changed(self) -> None:
        assert {status: handed_back(status) in OCCUPYING for status in RUNNING} == {
            S.PLANNING: False,
            S.APPLYING: True,
            S.RELEASING: True,
            S.WATCHING: False,
        }


class TestAfterPlan:
    @pytest.mark.parametrize(
        ("waits", "approved", "after"),
        [
            (False, False, S.APPLYING),
            (True, False, S.AWAITING_APPROVAL),
            (True, True, S.APPLYING),
            (False, True, S.APPLYING),
        ],
    )
    def test_waits_where_somebody_is_to_look_at_it(self, waits: bool, approved: bool, after: Status) -> None:
        assert after_plan(waits=waits, approved=approved) is after
