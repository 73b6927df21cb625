"""Which folders are kept, and how many bytes of them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from platform_api.sources.retention import DEPLOYMENTS_KEPT, UNUSED_FOR
from platform_api.subscriptions import entitlements
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop, archive
from tests.platform_api.people import Team

SHOP = "/v1/organizations/acme/projects/shop"
STAGING = f"{SHOP}/environments/staging"
LATER = UNUSED_FOR + timedelta(minutes=1)


class Shop:
    def __init__(self, plane: ControlPlane, team: Team) -> None:
        self.plane, self.team, self.workshop = plane, team, Workshop(plane)
        team.owner.post("/v1/organizations/acme/projects", slug="shop")
        team.owner.post(f"{SHOP}/environments", name="staging")

    def sends(self, number: int) -> str:
        """A folder of its own."""
        text = f"project: shop\nregion: us-east-1\n# {number}\n"
        answer = self.team.owner.ask("POST", f"{SHOP}/sources", content=archive(text))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def deploys(self, source: str, status: str = "succeeded", **more: bool) -> str:
        answer = self.team.owner.post(f"{STAGING}/deployments", source=source, **more)
        assert answer.status_code == 202, answer.text
        made = answer.json()["id"]
        self.workshop.run("UPDATE deployments SET status = %s, release = 1 WHERE id = %s", status, made)
        return str(made)

    def waits(self) -> None:
        self.plane.clock.move(LATER)
        self.team.owner.sign_in()

    def kept(self) -> set[str]:
        rows = self.workshop.run("SELECT id FROM sources WHERE archive IS NOT NULL")
        return {str(one["id"]) for one in rows}


@pytest.fixture
def shop(control_plane: ControlPlane, team: Team) -> Shop:
    return Shop(control_plane, team)


class TestKept:
    def test_is_what_was_sent_a_short_while_ago_and_what_something_may_be_done_with(self, shop: Shop) -> None:
        unused, planned, live, failed, waiting = (shop.sends(number) for number in range(5))
        shop.deploys(planned, plan_only=True)
        shop.deploys(live)
        shop.deploys(failed, "failed")
        shop.deploys(waiting, "queued", plan_only=True)
        new = shop.sends(5)
        assert shop.kept() == {unused, planned, live, failed, waiting, new}
        shop.waits()
        newer = shop.sends(6)
        assert shop.kept() == {live, failed, waiting, newer}

    def test_are_those_of_so_many_deployments_of_each_environment(self, shop: Shop) -> None:
        sources = [shop.sends(number) for number in range(DEPLOYMENTS_KEPT + 2)]
        for source in sources:
            shop.deploys(source)
        shop.waits()
        new = shop.sends(99)
        assert shop.kept() == {*sources[2:], new}

    def test_is_what_is_sent_again(self, shop: Shop) -> None:
        first = shop.sends(1)
        shop.waits()
        assert shop.sends(1) == first
        shop.sends(2)
        assert first in shop.kept()

    def test_is_again_what_was_forgotten_and_is_sent_again(self, shop: Shop) -> None:
        first = shop.sends(1)
        shop.waits()
        shop.sends(2)
        refused = shop.team.owner.post(f"{STAGING}/deployments", source=first)
        assert (refused.status_code, "Send the folder first" in refused.text) == (404, True)
        assert shop.sends(1) == first
        assert shop.team.owner.post(f"{STAGING}/deployments", source=first).status_code == 202

    def test_is_of_this_organization_alone(self, shop: Shop) -> None:
        other = shop.workshop.environment(shop.workshop.organization("other"))
        shop.workshop.run("UPDATE sources SET sent_at = sent_at - interval '9 days'")
        shop.sends(1)
        [theirs] = shop.workshop.run(
            "SELECT archive IS NOT NULL AS kept FROM sources JOIN environments USING (project_id) "
            "WHERE environments.id = %s",
            other,
        )
        assert theirs["kept"]


def test_a_rollback_to_what_was_deployed_with_a_forgotten_folder_takes_the_newest(shop: Shop) -> None:
    old = shop.sends(1)
    deployment = shop.deploys(old)
    live = shop.sends(2)
    shop.deploys(live)
    shop.workshop.run("UPDATE sources SET archive = NULL WHERE id = %s", uuid.UUID(old))
    answer = shop.team.owner.post(f"{STAGING}/deployments/{deployment}/rollback")
    assert (answer.status_code, answer.json()["source_id"]) == (202, live), answer.text


class TestQuota:
    def test_refuses_what_is_too_much_until_there_is_room(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(entitlements, "SOURCE_MEBIBYTES_ALLOWED", 2)
        shop.sends(1)
        shop.sends(2)  # the two have less than one
        shop.workshop.run("UPDATE sources SET archive = decode(repeat('00', 1048576 + 1), 'hex')")
        content = archive("project: shop\nregion: eu-west-1\n")
        refused = shop.team.owner.ask("POST", f"{SHOP}/sources", content=content)
        assert (refused.status_code, refused.json()["code"]) == (403, "limit_reached")
        assert refused.json()["details"] == {"limit": "source_mebibytes", "allowed": 2, "plan": None}
        assert "3 are kept, and this one has 1" in refused.json()["detail"]
        assert shop.sends(1)  # what is there already needs no room
        shop.waits()
        assert shop.team.owner.ask("POST", f"{SHOP}/sources", content=content).status_code == 201
