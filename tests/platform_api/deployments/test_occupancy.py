"""What is being deployed is not deleted under the worker."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Team

PROJECT = "/v1/organizations/acme/projects/shop"
PATHS = [PROJECT, f"{PROJECT}/environments/production"]


@pytest.fixture
def environment(team: Team) -> uuid.UUID:
    assert team.owner.post("/v1/organizations/acme/projects", slug="shop").status_code == 201
    made = team.owner.post(f"{PROJECT}/environments", name="production")
    other = team.owner.post(f"{PROJECT}/environments", name="staging")
    assert (made.status_code, other.status_code) == (201, 201)
    return uuid.UUID(made.json()["id"])


@pytest.fixture
def deployment(team: Team, environment: uuid.UUID, workshop: Workshop) -> uuid.UUID:
    workshop.run(
        "INSERT INTO sources SELECT organization_id, gen_random_uuid(), project_id, 'x', '', now(), '{}' "
        "FROM environments WHERE id = %s",
        environment,
    )
    return workshop.deployment(environment)


def take_up(workshop: Workshop) -> None:
    assert workshop.with_queue(lambda queue, _: queue.claim("w1", timedelta(minutes=1))) is not None


@pytest.mark.parametrize("path", PATHS)
class TestDeleting:
    def test_is_refused_while_a_worker_works(
        self, team: Team, deployment: uuid.UUID, workshop: Workshop, path: str
    ) -> None:
        take_up(workshop)
        answer = team.owner.ask("DELETE", path)
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
        assert answer.json()["details"] == {"deployment": str(deployment), "status": "planning"}
        assert team.owner.ask("GET", path).status_code == 200

    def test_is_refused_while_something_is_to_be_mended(
        self, team: Team, deployment: uuid.UUID, workshop: Workshop, path: str
    ) -> None:
        workshop.run("UPDATE deployments SET status = 'recovering' WHERE id = %s", deployment)
        assert team.owner.ask("DELETE", path).status_code == 409

    @pytest.mark.parametrize("status", ["queued", "awaiting_approval", "succeeded", "failed"])
    def test_is_done_where_nobody_works(
        self, team: Team, deployment: uuid.UUID, workshop: Workshop, path: str, status: str
    ) -> None:
        workshop.run("UPDATE deployments SET status = %s WHERE id = %s", status, deployment)
        assert team.owner.ask("DELETE", path).status_code == 204


def test_of_another_environment_goes_on(team: Team, deployment: uuid.UUID, workshop: Workshop) -> None:
    take_up(workshop)
    assert team.owner.ask("DELETE", f"{PROJECT}/environments/staging").status_code == 204
