from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import StateError, UsageError
from cygni.spec import ProjectSpec, parse_spec
from cygni.targets.fargate.clients import Clients
from stacks.kept_secrets import (
    FILE_VARIABLE,
    GivenSecret,
    coming_versions,
    given_secrets,
    hold_given,
    kept_names,
    write_secrets,
)
from tests.factories import spec_text

FIRST, SECOND = str(uuid.uuid4()), str(uuid.uuid4())


def shop(name: str = "shop") -> ProjectSpec:
    """With a service that is given `TOKEN`, which the control plane keeps, and two others."""
    web = {
        "image": "web:1",
        "port": 80,
        "env": {"OWN": "written"},
        "secrets": {
            "API_TOKEN": "secrets://TOKEN",
            "OWN": "secrets://OVERRIDDEN",
            "DSN": "arn:aws:ssm:us-east-1:123456789012:parameter/dsn",
        },
    }
    return parse_spec(spec_text(project=name, services={"web": web}), "cygni.yaml", "staging")


def test_are_those_that_services_name_and_do_not_write_themselves() -> None:
    assert kept_names(shop()) == {"TOKEN"}


def test_that_nobody_has_are_told_before_anything_is_done() -> None:
    with pytest.raises(UsageError, match="no secret TOKEN"):
        hold_given(shop(), {})
    hold_given(shop(), {"TOKEN": GivenSecret(FIRST, "x")})


class TestGiven:
    def test_are_read_from_the_file_of_the_worker(self, tmp_path: Path) -> None:
        file = tmp_path / "secrets.json"
        file.write_text(json.dumps({"TOKEN": {"version": FIRST, "value": "hunter2"}}))
        found = given_secrets({FILE_VARIABLE: str(file)})
        assert found == {"TOKEN": GivenSecret(FIRST, "hunter2")}
        assert "hunter2" not in repr(found)
        assert given_secrets({}) == {}

    def test_are_refused_where_the_file_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "secrets.json").write_text("[]")
        for file in ("secrets.json", "missing"):
            with pytest.raises(StateError):
                given_secrets({FILE_VARIABLE: str(tmp_path / file)})


def test_are_written_once_for_each_version(clients: Clients, aws: Callable[..., Any]) -> None:
    wanted = shop(f"kept-{uuid.uuid4().hex[:8]}")
    name = f"{wanted.project}/{wanted.environment}/TOKEN"
    manager = aws("secretsmanager")
    manager.create_secret(Name=name)
    for version, value in ((FIRST, "one"), (FIRST, "one"), (SECOND, "two")):
        given = {"TOKEN": GivenSecret(version, value)}
        write_secrets(clients, wanted, given)
        assert manager.get_secret_value(SecretId=name)["SecretString"] == value
        assert coming_versions(wanted, given) == {name: version}
        current = manager.describe_secret(SecretId=name)["VersionIdsToStages"]
        assert "AWSCURRENT" in current[version]
