from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import psycopg
import pytest

from tests.platform_api.people import Team
from tests.platform_api.usage.conftest import USAGE, Metering


class TestUsage:
    def test_is_cut_where_the_span_is_cut(self, metering: Metering) -> None:
        metering.tell(*(metering.event(str(minutes), ago=minutes / 60) for minutes in range(0, 300, 10)))
        assert metering.used(hours=4.75, until=0.25) == 27
        assert metering.used(hours=0.75, until=0.25) == 3

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("0001-01-01T00:00:00+10:00", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00Z", "9999-12-31T23:59:59-10:00"),
            ("9999-12-31T23:10:00Z", "9999-12-31T23:50:00Z"),
        ],
    )
    @pytest.mark.parametrize("path", [USAGE, f"{USAGE}/events"])
    def test_of_times_beyond_the_calendar_is_refused(
        self, metering: Metering, path: str, start: str, end: str
    ) -> None:
        asked = urlencode({"start": start, "end": end, "meter": "seats"})
        answer = metering.owner.get(f"{path}?{asked}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text

    def test_is_that_of_a_project_or_of_an_environment(self, metering: Metering) -> None:
        metering.tell(
            metering.event("1", "1", project="shop", environment="production"),
            metering.event("2", "2", project="shop", environment="staging"),
            metering.event("3", "4", project="blog", environment="staging"),
            metering.event("4", "8"),
        )
        assert metering.used() == 15
        assert metering.used(project="shop") == 3
        assert metering.used(project="shop", environment="staging") == 2

    def test_of_levels_is_averaged_over_time(self, metering: Metering) -> None:
        metering.tell(
            metering.event("1", "10", ago=48, type="storage_gb_months", subject="uploads"),
            metering.event("2", "30", ago=12, type="storage_gb_months", subject="uploads"),
            metering.event("3", "8", ago=6, type="storage_gb_months", subject="backups"),
        )
        assert metering.used("storage_gb_months") == 10 * Decimal("0.5") + 30 * Decimal("0.5") + 8 * Decimal(
            "0.25"
        )

    def test_of_a_maximum_is_the_largest(self, metering: Metering) -> None:
        metering.tell(*(metering.event(str(seats), str(seats), type="seats") for seats in (3, 9, 4)))
        assert metering.used("seats") == 9

    def test_of_own_meters_counts_what_they_say(self, metering: Metering) -> None:
        wanted = {
            "key": "active_users",
            "name": "Active users",
            "unit": "user",
            "aggregation": "unique_count",
        }
        assert metering.owner.post("/v1/organizations/acme/meters", **wanted).status_code == 201
        assert metering.owner.post("/v1/organizations/acme/meters", **wanted).status_code == 409
        taken = metering.owner.post("/v1/organizations/acme/meters", **wanted | {"key": "seats"})
        assert taken.status_code == 409
        metering.tell(
            *(
                metering.event(f"{user} {time}", type="active_users", subject=user)
                for user in "ab"
                for time in "123"
            )
        )
        assert metering.used("active_users") == 2
        assert (
            metering.owner.get("/v1/organizations/acme/meters").json()["items"][-1]["key"] == "active_users"
        )

    def test_ends_after_it_begins(self, metering: Metering) -> None:
        now = metering.now.isoformat()
        answer = metering.owner.ask("GET", USAGE, params={"start": now, "end": now})
        assert (answer.status_code, answer.json()["detail"]) == (422, "`end` is not after `start`")


class TestEvents:
    def test_are_those_of_a_project_where_one_is_named(self, metering: Metering) -> None:
        for id, project in (("1", "shop"), ("2", "blog"), ("3", "shop")):
            metering.tell(metering.event(id, project=project, environment="staging"))
        span = {"start": (metering.now - timedelta(days=1)).isoformat(), "end": metering.now.isoformat()}
        asked = {**span, "meter": "build_minutes", "project": "shop", "limit": "1"}
        first = metering.owner.ask("GET", f"{USAGE}/events", params=asked).json()
        second = metering.owner.ask(
            "GET", f"{USAGE}/events", params={**asked, "cursor": first["next"]}
        ).json()
        assert [one["id"] for page in (first, second) for one in page["items"]] == ["1", "3"]
        asked |= {"environment": "production"}
        assert metering.owner.ask("GET", f"{USAGE}/events", params=asked).json()["items"] == []

    def test_are_listed_in_pages_by_time(self, metering: Metering) -> None:
        metering.tell(*(metering.event(str(number), ago=number) for number in (3, 1, 2, 5, 4)))
        span = {"start": (metering.now - timedelta(days=1)).isoformat(), "end": metering.now.isoformat()}
        asked = {**span, "meter": "build_minutes", "limit": "2"}
        found: list[str] = []
        cursor = ""
        for _ in range(3):
            page = metering.owner.ask(
                "GET", f"{USAGE}/events", params=asked | ({"cursor": cursor} if cursor else {})
            ).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert found == ["5", "4", "3", "2", "1"]
        assert cursor is None
        assert (
            metering.owner.ask("GET", f"{USAGE}/events", params={**asked, "meter": "coffee"}).status_code
            == 404
        )


class TestCorrections:
    def correct(self, metering: Metering, id: str, quantity: str | None = None) -> dict[str, object]:
        answer = metering.owner.post(
            f"{USAGE}/corrections", source="/test", id=id, quantity=quantity, reason="counted wrongly"
        )
        return {"status": answer.status_code, **answer.json()}

    def test_take_back_what_was_counted(self, metering: Metering) -> None:
        metering.tell(metering.event("1", "5"), metering.event("2", "7"))
        assert self.correct(metering, "1")["void_at"] is not None
        assert metering.used() == 7
        assert metering.tallies() == []

    def test_put_another_event_in_its_place(self, metering: Metering) -> None:
        metering.tell(metering.event("1", "9", type="seats"), metering.event("2", "4", type="seats"))
        stands = self.correct(metering, "1", "6")
        assert [stands["corrects_id"], stands["source"]] == ["1", "cygni:correction"]
        assert metering.used("seats") == 6
        assert metering.tallies() == []

    def test_keep_what_was_told(self, metering: Metering) -> None:
        metering.tell(metering.event("1", "5"))
        self.correct(metering, "1")
        assert metering.statuses(metering.event("1", "5")) == ["duplicate"]
        assert metering.used() == 0

    def test_of_what_cygni_measured_are_for_operators_alone(self, metering: Metering, team: Team) -> None:
        metering.tell(metering.event("1", "5"))
        with psycopg.connect(metering.control_plane.owner_url) as owner:
            owner.execute("UPDATE usage_events SET source = 'cygni:metering'")
        grace = team.invite("grace", "owner")
        wanted = {"source": "cygni:metering", "id": "1", "quantity": "4", "reason": "counted wrongly"}
        assert grace.post(f"{USAGE}/corrections", **wanted).status_code == 403
        stands = metering.owner.post(f"{USAGE}/corrections", **wanted).json()
        again = {**wanted, "source": stands["source"], "id": stands["id"], "quantity": "0"}
        assert grace.post(f"{USAGE}/corrections", **again).status_code == 403
        assert metering.used() == 4

    def test_of_programs_are_for_their_owners(self, metering: Metering, team: Team) -> None:
        metering.tell(metering.event("1", "5"))
        grace = team.invite("grace", "owner")
        wanted = {"source": "/test", "id": "1", "quantity": "4", "reason": "counted wrongly"}
        assert grace.post(f"{USAGE}/corrections", **{**wanted, "quantity": "-4"}).status_code == 422
        stands = grace.post(f"{USAGE}/corrections", **wanted).json()
        again = {**wanted, "source": stands["source"], "id": stands["id"], "quantity": "3"}
        assert grace.post(f"{USAGE}/corrections", **again).status_code == 201
        assert metering.used() == 3

    def test_are_made_once_and_audited(self, metering: Metering) -> None:
        metering.tell(metering.event("1", "5"))
        assert self.correct(metering, "1", "4")["status"] == 201
        assert self.correct(metering, "1", "3")["status"] == 409
        assert self.correct(metering, "none")["status"] == 404
        entry = metering.owner.get("/v1/organizations/acme/audit").json()["items"][0]
        assert (entry["action"], entry["before"]["quantity"], entry["after"]) == (
            "usage.correct", "5", {"quantity": "4", "reason": "counted wrongly"},
        )  # fmt: skip
