"""`/metrics`: what it tells, and whom."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from cygni.errors import UsageError
from platform_api.application import create_app
from platform_api.database.roles import Roles
from platform_api.edge.settings import EdgeSettings
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY

TOKEN = "a token of sixteen or more"


class Metrics:
    def __init__(self, text: str) -> None:
        self.samples = [one for family in text_string_to_metric_families(text) for one in family.samples]

    def value(self, name: str, **labels: str) -> float:
        [found] = [
            one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()
        ]
        return found


@pytest.fixture
def control_plane(own_control_plane: ControlPlane) -> ControlPlane:
    """One that has counted nothing yet."""
    return own_control_plane


@pytest.fixture
def open_plane(control_plane: ControlPlane) -> Any:
    """One that is asked from its own machine."""
    asked = TestClient(control_plane.client.app, client=("127.0.0.1", 50000))
    asked.portal = control_plane.client.portal  # the loop that its connections are of
    return asked


def test_count_requests_by_the_template_of_their_route(team: Team, open_plane: TestClient) -> None:
    team.owner.get("/v1/organizations/acme")
    team.client.get("/nothing/of/the/kind")
    answer = open_plane.get("/metrics")
    assert answer.status_code == 200, answer.text
    found = Metrics(answer.text)
    known = {"method": "GET", "route": "/v1/organizations/{organization}"}
    assert found.value("cygni_http_requests_total", **known, status="200") == 1
    assert found.value("cygni_http_requests_total", method="GET", route="none", status="404") == 1
    assert found.value("cygni_http_request_seconds_count", **known) == 1
    assert "acme" not in answer.text


def test_tell_what_waits_of_all_tenants(
    control_plane: ControlPlane, open_plane: TestClient, team: Team
) -> None:
    workshop = Workshop(control_plane)
    for name in ("one", "two"):
        workshop.deployment(workshop.environment(workshop.organization(name)))
    workshop.deployment(workshop.environment(workshop.organization("three")), status="succeeded")
    webhook = team.owner.post("/v1/organizations/acme/webhooks", url="https://hooks.example.com/x").json()
    team.owner.post(f"/v1/organizations/acme/webhooks/{webhook['id']}/ping")
    found = Metrics(open_plane.get("/metrics").text)
    assert found.value("cygni_deployments", status="queued") == 2
    assert found.value("cygni_deployments", status="applying") == 0
    assert found.value("cygni_deployment_queue_length") == 2
    assert found.value("cygni_deployment_queue_age_seconds") > 0
    assert found.value("cygni_webhook_backlog_length") == 1
    assert found.value("cygni_database_connections", state="free") > 0


def test_tell_what_is_not_measured(control_plane: ControlPlane, open_plane: TestClient, team: Team) -> None:
    workshop = Workshop(control_plane)
    for project, look, hours, failures in (
        ("a", "running", 2, 3),
        ("b", "running", 0, 0),
        ("a", "storage", 0, 0),
    ):
        workshop.run(
            """
            INSERT INTO metered_places SELECT id, %s, 'staging', %s, now() - make_interval(hours => %s), now(), NULL,
                %s, NULL, '{}' FROM organizations
            """,
            *(project, look, hours, failures),
        )
    found = Metrics(open_plane.get("/metrics").text)
    assert 7200 <= found.value("cygni_metering_lag_seconds", meter="vcpu_hours") < 7300
    assert 0 <= found.value("cygni_metering_lag_seconds", meter="storage_gb_months") < 100
    assert found.value("cygni_metering_failing", meter="vcpu_hours") == 1
    assert found.value("cygni_metering_failing", meter="storage_gb_months") == 0


class TestAreFor:
    def test_this_machine_alone_without_a_token(
        self, control_plane: ControlPlane, open_plane: TestClient
    ) -> None:
        answer = control_plane.client.get("/metrics")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        proxied = open_plane.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        assert proxied.status_code == 403

    def test_whoever_has_the_token(self, migrated: tuple[str, Roles]) -> None:
        with TestClient(create_app(migrated[0], KEY, edge=EdgeSettings((), TOKEN))) as client:
            assert client.get("/metrics").status_code == 401
            assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
            assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200

    def test_nobody_with_a_token_that_can_be_guessed(self) -> None:
        with pytest.raises(UsageError, match="16 characters"):
            EdgeSettings.from_environment({"CYGNI_METRICS_TOKEN": "short"})
