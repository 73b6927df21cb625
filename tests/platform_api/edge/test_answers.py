"""What is done with answers: compression, and origins that may read them."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from cygni.errors import UsageError
from platform_api.application import create_app
from platform_api.database.roles import Roles
from platform_api.edge.settings import EdgeSettings
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY

PROJECT = "/v1/organizations/acme/projects/shop"
PAGE = "https://app.example.com"


class TestCompression:
    def test_is_for_what_is_large(self, team: Team) -> None:
        for number in range(20):
            team.owner.post("/v1/organizations/acme/projects", slug=f"project-{number}")
        answer = team.owner.get("/v1/organizations/acme/projects")
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.json()["items"]) == 20

    def test_is_never_for_secrets(self, team: Team) -> None:
        team.owner.post("/v1/organizations/acme/projects", slug="shop")
        team.owner.post(f"{PROJECT}/environments", name="production")
        path = f"{PROJECT}/environments/production/secrets/TOKEN"
        team.owner.ask("PUT", path, json={"value": "x" * 5000})
        answer = team.owner.get(f"{path}/value")
        assert answer.json()["value"] == "x" * 5000
        assert "content-encoding" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


class TestOrigins:
    def ask(self, client: TestClient, origin: str) -> dict[str, str]:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "if-match",
        }
        return dict(client.options("/v1/organizations", headers=headers).headers)

    def test_are_none_as_it_comes(self, control_plane: ControlPlane) -> None:
        assert "access-control-allow-origin" not in self.ask(control_plane.client, PAGE)

    def test_that_are_set_may_ask(self, migrated: tuple[str, Roles]) -> None:
        with TestClient(create_app(migrated[0], KEY, edge=EdgeSettings((PAGE,)))) as client:
            found = self.ask(client, PAGE)
            assert found["access-control-allow-origin"] == PAGE
            assert "if-match" in found["access-control-allow-headers"].lower()
            assert "access-control-allow-origin" not in self.ask(client, "https://evil.example")

    @pytest.mark.parametrize("value", ["*", "app.example.com", "https://app.example.com/path", "null"])
    def test_that_are_none_are_refused_at_the_start(self, value: str) -> None:
        with pytest.raises(UsageError, match="no origin"):
            EdgeSettings.from_environment({"CYGNI_SERVER_ORIGINS": value})

    def test_are_several_with_commas(self) -> None:
        found = EdgeSettings.from_environment({"CYGNI_SERVER_ORIGINS": f"{PAGE}/, http://localhost:5173"})
        assert found.origins == (PAGE, "http://localhost:5173")
