from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_api.access.passwords import Passwords
from platform_api.access.rate_limits import CALLER_A_MINUTE, FAILURES_A_MINUTE, Decision, Limit, whose
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def looked_at(limit: Limit, key: str, now: datetime) -> Decision:
    """What it would say, with nothing taken."""
    return deepcopy(limit).take(key, now)


class TestLimit:
    def test_lets_all_through_at_once_and_then_one_after_the_other(self) -> None:
        limit = Limit(3, timedelta(seconds=6))
        assert [limit.take("a", NOW).allowed for _ in range(4)] == [True, True, True, False]
        refused = limit.take("a", NOW)
        assert (refused.remaining, refused.retry_after, refused.reset) == (0, 2, 6)
        assert limit.take("a", NOW + 1.9 * SECOND).allowed is False
        assert limit.take("a", NOW + 2 * SECOND).allowed
        assert limit.take("b", NOW).remaining == 2

    def test_says_what_is_left(self) -> None:
        limit = Limit(3, timedelta(seconds=6))
        first = limit.take("a", NOW)
        assert first.headers == {"RateLimit-Policy": '"default";q=3;w=6', "RateLimit": '"default";r=2;t=2'}
        assert looked_at(limit, "a", NOW).remaining == 1
        assert limit.take("a", NOW).remaining == 1

    def test_counts_nothing_that_was_given_back(self) -> None:
        limit = Limit(2, timedelta(seconds=60))
        for _ in range(5):
            assert limit.take("a", NOW).allowed
            limit.give_back("a", NOW)
        assert [limit.take("a", NOW).allowed for _ in range(3)] == [True, True, False]
        limit.give_back("b", NOW)
        assert looked_at(limit, "b", NOW).remaining == 1

    def test_forgets_who_was_quiet_for_longest(self) -> None:
        limit = Limit(1, timedelta(seconds=60), most_kept=2)
        for key in ("a", "b", "c"):
            assert limit.take(key, NOW).allowed
        assert (limit.take("a", NOW).allowed, limit.take("c", NOW).allowed) == (True, False)

    def test_lets_through_again_within_a_window_after_the_clock_was_set_back(self) -> None:
        limit = Limit(3, timedelta(seconds=6))
        assert limit.take("a", NOW).allowed
        back = NOW - timedelta(hours=1)
        assert limit.take("a", back).retry_after == 2
        assert limit.take("a", back + 2 * SECOND).allowed
        assert looked_at(limit, "a", back + 8 * SECOND).remaining == 2

    @given(st.integers(1, 20), st.lists(st.integers(0, 5000), max_size=150))
    def test_lets_through_no_more_than_twice_the_quota_in_any_window(
        self, quota: int, pauses: list[int]
    ) -> None:
        window = timedelta(seconds=10)
        limit, now, taken = Limit(quota, window), NOW, []
        for pause in pauses:
            now += timedelta(milliseconds=pause)
            decision = limit.take("a", now)
            assert 0 <= decision.remaining <= quota
            if decision.allowed:
                taken.append(now)
            else:
                assert looked_at(limit, "a", now + decision.retry_after * SECOND).allowed
        for first in taken:
            assert sum(first <= one < first + window for one in taken) <= 2 * quota


@pytest.mark.parametrize(
    ("address", "counted_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("testclient", "testclient"),
    ],
)
def test_all_addresses_that_one_host_may_have_are_counted_as_one(address: str, counted_for: str) -> None:
    assert whose(address) == counted_for


class TestRequests:
    def test_say_what_is_left_and_end_where_nothing_is(self, team: Team, control_plane: ControlPlane) -> None:
        ci, _ = team.key(scopes=["project:read"])
        left = [
            int(ci.get("/v1/organizations").headers["RateLimit"].partition("r=")[2].partition(";")[0])
            for _ in range(3)
        ]
        assert left == [CALLER_A_MINUTE - 1, CALLER_A_MINUTE - 2, CALLER_A_MINUTE - 3]
        for _ in range(CALLER_A_MINUTE - 3):
            last = ci.get("/v1/organizations")
        assert last.status_code == 200
        over = ci.get("/v1/organizations")
        assert (over.status_code, over.json()["code"], over.headers["Retry-After"]) == (
            429,
            "rate_limited",
            "1",
        )
        assert team.owner.get("/v1/organizations").status_code == 200
        control_plane.clock.move(SECOND)
        assert ci.get("/v1/organizations").status_code == 200

    def test_of_an_address_that_guesses_are_put_off(self, team: Team, control_plane: ControlPlane) -> None:
        guesser = Person(control_plane.client, team.owner.email)
        codes = [
            guesser.post("/v1/sessions", email=team.owner.email, password=f"guess {n}").status_code
            for n in range(FAILURES_A_MINUTE + 2)
        ]
        assert codes == [401] * FAILURES_A_MINUTE + [429] * 2
        assert (
            guesser.post("/v1/sessions", email=team.owner.email, password=guesser.password).status_code == 429
        )
        control_plane.clock.move(2 * SECOND)
        assert (
            guesser.post("/v1/sessions", email=team.owner.email, password=guesser.password).status_code == 201
        )

    def test_of_an_address_that_guesses_many_at_once_are_put_off_before_they_are_looked_at(
        self, team: Team, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked_at: list[str] = []

        async def slowly(self: Passwords, password: str, hashed: str | None) -> bool:
            looked_at.append(password)
            await asyncio.sleep(1)
            return False

        monkeypatch.setattr(Passwords, "matches", slowly)
        count = FAILURES_A_MINUTE + 10

        def guess(number: int) -> int:
            given = {"email": team.owner.email, "password": f"guess number {number}"}
            return control_plane.client.post("/v1/sessions", json=given).status_code

        with ThreadPoolExecutor(count) as people:
            codes = list(people.map(guess, range(count)))
        assert (codes.count(401), codes.count(429)) == (FAILURES_A_MINUTE, 10)
        assert len(looked_at) == FAILURES_A_MINUTE

    def test_that_sign_in_well_are_as_many_as_they_like(self, team: Team) -> None:
        given = {"email": team.owner.email, "password": team.owner.password}
        codes = {
            team.client.post("/v1/sessions", json=given).status_code for _ in range(FAILURES_A_MINUTE + 5)
        }
        assert codes == {201}
