from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.platform_api.people import Person, Team
from tests.platform_api.usage.conftest import Metering

SEED = 11


class TestRecording:
    def test_counts_an_event_once_however_often_it_is_sent(self, metering: Metering) -> None:
        event = metering.event("1", "2.5")
        assert metering.statuses(event) == ["counted"]
        assert metering.statuses(event, event) == ["duplicate", "duplicate"]
        assert metering.used() == Decimal("2.5")

    def test_counts_once_what_comes_twice_in_one_list(self, metering: Metering) -> None:
        event, other = metering.event("1", "2"), metering.event("1", "3")
        assert metering.statuses(event, event, other) == ["counted", "duplicate", "conflict"]
        assert metering.used() == 2

    def test_refuses_another_event_under_the_same_id(self, metering: Metering) -> None:
        metering.tell(metering.event("1", "2"))
        assert metering.statuses(metering.event("1", "3"), metering.event("2", "5")) == [
            "conflict",
            "counted",
        ]
        assert metering.used() == 7

    def test_takes_events_of_other_sources_for_others(self, metering: Metering) -> None:
        event = metering.event("1", "2")
        assert metering.statuses(event, event | {"source": "/elsewhere"}) == ["counted", "counted"]

    def test_lets_no_bad_event_stop_a_good_one(self, metering: Metering) -> None:
        assert metering.statuses(metering.event("1", type="coffee"), "nonsense", metering.event("2")) == [
            "unknown_meter", "invalid_event", "counted",
        ]  # fmt: skip
        assert metering.used() == 1

    def test_takes_one_event_alone(self, metering: Metering) -> None:
        answer = metering.program.ask("POST", "/v1/usage/events", json=metering.event("1"))
        assert answer.json()["counted"] == 1

    @pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b"\xff", 422), (b"[]", 200)])
    def test_answers_bodies_that_are_no_list_of_events(
        self, metering: Metering, body: bytes, status: int
    ) -> None:
        assert metering.program.ask("POST", "/v1/usage/events", content=body).status_code == status

    def test_takes_500_at_once_and_no_more(self, metering: Metering) -> None:
        events = [metering.event(str(number)) for number in range(501)]
        answer = metering.program.ask("POST", "/v1/usage/events", json=events)
        assert (answer.status_code, answer.json()["hint"]) == (422, "Send 500 at once at most.")
        assert metering.tell(*events[:500])["counted"] == 500

    def test_counts_exactly_what_many_senders_send_again_and_again(self, metering: Metering) -> None:
        events = [metering.event(str(number), str(number % 7), ago=1 + number % 5) for number in range(600)]

        def send(number: int) -> None:
            own = random.Random(SEED + number).sample(events, len(events))
            for start in range(0, len(own), 150):
                metering.tell(*own[start : start + 150])

        with ThreadPoolExecutor(6) as senders:
            list(senders.map(send, range(6)))
        assert metering.used() == sum(number % 7 for number in range(600))
        assert metering.tallies() == []


class TestWhoTells:
    def test_is_a_program_with_the_scope(self, metering: Metering, team: Team) -> None:
        assert metering.owner.ask("POST", "/v1/usage/events", json=[]).status_code == 403
        reader, _ = team.key(scopes=["usage:read"])
        assert reader.ask("POST", "/v1/usage/events", json=[]).status_code == 403
        assert Person(team.client).ask("POST", "/v1/usage/events", json=[]).status_code == 401

    def test_is_kept_to_the_project_of_its_key(self, metering: Metering, team: Team) -> None:
        assert team.owner.post("/v1/organizations/acme/projects", slug="shop").status_code == 201
        of_shop, _ = team.key(scopes=["usage:write"], project="shop")
        events = [
            metering.event("1", project="shop"),
            metering.event("2", project="blog"),
            metering.event("3"),
        ]
        assert metering.statuses(*events, by=of_shop) == ["counted", "other_project", "other_project"]

    def test_tells_it_of_its_organization_alone(self, metering: Metering, team: Team) -> None:
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        theirs, _ = team.key("other", scopes=["usage:write"])
        assert metering.statuses(metering.event("1", "5"), by=theirs) == ["counted"]
        assert metering.statuses(metering.event("1", "2")) == ["counted"]
        assert metering.used() == 2
