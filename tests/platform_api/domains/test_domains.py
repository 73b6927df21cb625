"""Domains over the API, and the checks of a worker."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from platform_api.domains import checks, router
from tests.platform_api.domains.registry import NAME, Registry


class TestTheWay:
    def test_is_from_a_record_to_a_certificate(self, registry: Registry) -> None:
        made = registry.add(region="eu-central-1")
        assert (made["status"], len(made["records"])) == ("pending", 1)
        registry.checked()
        waiting = registry.read(made)
        assert (waiting["status"], waiting["reason"]) == ("verifying", "its TXT record is not found yet")
        registry.show(made)
        registry.checked()
        registry.checked(timedelta(seconds=1))
        asked = registry.read(made)
        assert (asked["status"], asked["reason"]) == ("provisioning", "its CNAME record is not found yet")
        assert [(one["type"], one["name"], one["value"]) for one in asked["records"]][1] == (
            "CNAME",
            "_a.shop.example.com",
            "_b.acm-validations.aws",
        )
        registry.outside.status = "ISSUED"
        registry.checked()
        done = registry.read(made)
        assert (done["status"], done["served"], len(done["records"])) == ("active", False, 2)
        assert done["certificate"].startswith("arn:aws:acm:eu-central-1:")
        assert len(registry.outside.requested) == 1
        assert registry.checked() == 0  # not before the next day
        assert registry.checked(timedelta(days=1)) == 1

    def test_ends_after_three_days_and_goes_on_when_it_is_asked_to(self, registry: Registry) -> None:
        made = registry.add()
        for _ in range(80):
            registry.checked()
        failed = registry.read(made)
        assert (failed["status"], failed["due_at"]) == ("failed", None)
        assert "72 hours" in failed["reason"]
        registry.show(made)
        again = registry.owner.post(f"{registry.domains}/{made['id']}/check")
        assert (again.status_code, again.json()["status"]) == (202, "pending")
        registry.checked(timedelta())
        assert registry.read(made)["status"] == "provisioning"

    def test_asks_for_another_certificate_after_one_failed(self, registry: Registry) -> None:
        made = registry.add()
        registry.show(made)
        registry.outside.status = "FAILED"
        registry.checked()
        registry.checked()
        assert "no certificate" in registry.read(made)["reason"]
        registry.outside.status = "ISSUED"
        registry.owner.post(f"{registry.domains}/{made['id']}/check")
        registry.checked(timedelta())
        assert (registry.read(made)["status"], len(registry.outside.requested)) == ("active", 2)

    def test_waits_where_nobody_answers_and_tells_why(self, registry: Registry) -> None:
        made = registry.add()
        registry.outside.away = "no resolver answers"
        registry.checked()
        assert registry.read(made)["reason"] == "no resolver answers"
        registry.outside.away = None
        registry.show(made)
        registry.checked()
        registry.outside.away = "no credentials"
        registry.checked()
        stuck = registry.read(made)
        assert (stuck["status"], stuck["reason"]) == ("provisioning", "no credentials")
        registry.outside.away, registry.outside.status = None, "ISSUED"
        registry.checked()
        assert registry.read(made)["status"] == "active"

    def test_that_takes_too_long_is_given_up_and_keeps_no_other_waiting(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow, other = registry.add(), registry.add(name="other.example.com")
        registry.show(other)
        naps = [1.5]
        registry.outside.meanwhile = lambda: time.sleep(naps.pop() if naps else 0)
        monkeypatch.setattr(checks, "LIMIT", 0.5)
        registry.checked()
        assert "the check took more than" in registry.read(slow)["reason"]
        assert registry.read(other)["status"] == "provisioning"

    def test_begins_again_where_somebody_asks_for_a_check_during_one(self, registry: Registry) -> None:
        made = registry.add()

        def ask() -> None:
            assert registry.owner.post(f"{registry.domains}/{made['id']}/check").status_code == 202

        registry.outside.meanwhile = ask
        registry.checked()
        found = registry.read(made)
        assert (found["status"], found["due_at"] is None) == ("pending", False)

    def test_is_gone_by_one_of_several_workers(self, registry: Registry) -> None:
        registry.add()
        assert registry.checked(workers=4) == 1


class TestOwners:
    def test_of_another_organization_are_told_only_when_they_have_shown_it(self, registry: Registry) -> None:
        mine = registry.add()
        registry.show(mine)
        registry.checked()
        registry.team.owner.sign_in()
        assert registry.team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        theirs_at = registry.project(registry.team.owner, "other", "theirs")
        theirs = registry.team.owner.post(theirs_at, name=NAME, environment="staging").json()
        assert theirs["records"][0]["value"] != mine["records"][0]["value"]
        sign_in = registry.team.owner

        def reason() -> str:
            sign_in.sign_in()
            return str(sign_in.get(f"{theirs_at}/{theirs['id']}").json()["reason"])

        registry.checked()
        assert reason() == "its TXT record is not found yet"
        registry.show(theirs)
        registry.checked()
        assert reason() == "another organization has verified this domain"
        assert registry.read(mine)["verified_at"] is not None
        assert registry.owner.ask("DELETE", f"{registry.domains}/{mine['id']}").status_code == 202
        registry.checked(timedelta())
        sign_in.sign_in()
        assert sign_in.post(f"{theirs_at}/{theirs['id']}/check").status_code == 202
        registry.checked(timedelta())
        assert reason() == "the certificate is being requested"


class TestDomains:
    @pytest.mark.parametrize(
        "name", ["shop", "SHOP.example.com", "shop.example.com.", "a b.example.com", "*.x.de"]
    )
    def test_that_are_none_are_refused(self, registry: Registry, name: str) -> None:
        assert registry.owner.post(registry.domains, name=name, environment="production").status_code == 422

    def test_are_no_more_than_can_be_looked_at(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(router, "MOST", 1)
        registry.add()
        elsewhere = registry.project(registry.owner, "acme", "blog")
        refused = registry.owner.post(elsewhere, name="blog.example.com", environment="production")
        assert (refused.status_code, refused.json()["detail"]) == (
            422,
            "an organization has 1 domains at most",
        )

    def test_are_there_once(self, registry: Registry) -> None:
        registry.add()
        assert registry.owner.post(registry.domains, name=NAME, environment="staging").status_code == 409
        assert [one["name"] for one in registry.owner.get(registry.domains).json()["items"]] == [NAME]


class TestEnvironments:
    def test_have_domains_which_move_between_them(self, registry: Registry) -> None:
        made = registry.add()
        assert made["environment"] == "production"
        moved = registry.owner.ask(
            "PATCH", f"{registry.domains}/{made['id']}", json={"environment": "staging"}
        )
        assert (moved.status_code, moved.json()["environment"]) == (200, "staging")
        assert [one["environment"] for one in registry.owner.get(registry.domains).json()["items"]] == [
            "staging"
        ]

    def test_have_to_be_there(self, registry: Registry) -> None:
        assert registry.owner.post(registry.domains, name=NAME).status_code == 422
        refused = registry.owner.post(registry.domains, name=NAME, environment="nightly")
        assert (refused.status_code, "'nightly'" in refused.json()["detail"]) == (404, True)
        made = registry.add()
        assert (
            registry.owner.ask(
                "PATCH", f"{registry.domains}/{made['id']}", json={"environment": "nightly"}
            ).status_code
            == 404
        )
        assert registry.read(made)["environment"] == "production"

    def test_leave_their_domains_when_they_are_deleted(self, registry: Registry) -> None:
        made = registry.add()
        registry.show(made)
        registry.outside.status = "ISSUED"
        registry.checked()
        registry.checked(timedelta(seconds=1))
        found = registry.read(made)
        assert (found["status"], found["served"]) == ("active", False)
        assert found["reason"].startswith("the next deployment of production puts")
        environment = registry.domains.replace("domains", "environments/production")
        assert registry.owner.ask("DELETE", environment).status_code == 204
        left = registry.read(made)
        assert (left["status"], left["environment"]) == ("active", None)
        assert left["reason"].startswith("it needs an environment")
        registry.owner.ask("PATCH", f"{registry.domains}/{made['id']}", json={"environment": "staging"})
        assert registry.read(made)["reason"].startswith("the next deployment of staging puts")
