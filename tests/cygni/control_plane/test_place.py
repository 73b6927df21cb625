"""Where commands work, with the answers of a control plane written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cygni.control_plane.api import Api
from cygni.control_plane.credentials import API_KEY, Credential
from cygni.control_plane.deployments import Deployments
from cygni.control_plane.place import Here, place_of
from cygni.errors import NotFound, PermissionDenied, UsageError
from cygni.settings import Settings

KEY = {
    "CYGNI_API_URL": "https://cygni.example.com",
    "CYGNI_API_KEY": Credential(API_KEY, "0123456789AB", "s" * 32).text,
}
ACME = "/v1/organizations/acme"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cache_dir=tmp_path)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """By path; what is not in it is not there."""
    found: dict[str, Any] = {"/v1/organizations": {"items": [{"slug": "acme"}]}, ACME: {}}

    def get(self: Api, *path: str, **query: object) -> Any:
        if "/".join(path) not in found:
            raise NotFound("it is not there")
        answer = found["/".join(path)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Api, "get", get)
    return found


def place(settings: Settings, environment: str = "staging", environ: Mapping[str, str] = KEY) -> Any:
    return place_of(settings, environ, "shop", environment)


def has(answers: dict[str, Any], *environments: str) -> None:
    answers[f"{ACME}/projects/shop/environments"] = {"items": [{"name": one} for one in environments]}


def test_is_here_where_nobody_is_signed_in(settings: Settings, answers: dict[str, Any]) -> None:
    assert place(settings, environ={}) == Here()


def test_is_the_control_plane_that_has_the_environment(settings: Settings, answers: dict[str, Any]) -> None:
    has(answers, "staging", "local")
    for environment in ("staging", "local"):
        found = place(settings, environment)
        assert isinstance(found, Deployments)
        assert (found.organization, found.project, found.environment) == ("acme", "shop", environment)


def test_is_here_for_a_project_that_it_does_not_have(settings: Settings, answers: dict[str, Any]) -> None:
    assert place(settings) == Here("acme at https://cygni.example.com has no project shop")


def test_is_nowhere_for_somebody_in_no_organization(settings: Settings, answers: dict[str, Any]) -> None:
    answers["/v1/organizations"] = {"items": []}
    for environment in ("staging", "local"):
        with pytest.raises(NotFound, match="in no organization at https://cygni") as caught:
            place(settings, environment)
        assert "--here" in str(caught.value.hint)


def test_is_here_for_a_local_that_it_does_not_have_and_for_nothing_else(
    settings: Settings, answers: dict[str, Any]
) -> None:
    has(answers, "staging")
    assert isinstance(place(settings, "local"), Here)
    with pytest.raises(NotFound, match="no environment production"):
        place(settings, "production")


def test_is_there_where_the_chosen_organization_tells_a_key_nothing_of_itself(
    settings: Settings, answers: dict[str, Any]
) -> None:
    has(answers, "staging")
    answers[ACME] = PermissionDenied("this needs the permission organization:read")
    assert isinstance(place(settings, environ={**KEY, "CYGNI_ORGANIZATION": "acme"}), Deployments)


def test_is_nowhere_where_the_chosen_organization_is_not_there(
    settings: Settings, answers: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        place(settings, environ={**KEY, "CYGNI_ORGANIZATION": "nowhere"})
    with pytest.raises(UsageError):
        place(settings, environ={"CYGNI_API_URL": "https://cygni.example.com"})
