from __future__ import annotations

from pathlib import Path

from cygni.local_cloud.task_runner.environment import Place, variables
from cygni.local_cloud.task_runner.monitor import MORE_VARIABLES
from cygni.local_cloud.task_runner.starting import passable

PLACE = Place("http://127.0.0.1:4000", "eu-central-1", "abc-app", Path("/own/task"))


def test_nothing_comes_from_outside_but_what_programs_need() -> None:
    outside = {
        "PATH": "/bin",
        "LANG": "C.UTF-8",
        "AWS_PROFILE": "mine",
        "HOME": "/home/me",
        "TOKEN": "secret",
    }
    found = variables(outside, PLACE, [], None)
    assert found["PATH"] == "/bin"
    assert found["LANG"] == "C.UTF-8"
    assert found["HOME"] == found["TMPDIR"] == "/own/task"
    assert not {"AWS_PROFILE", "TOKEN", "PORT"} & set(found)


def test_sdks_are_told_of_the_local_cloud() -> None:
    found = variables({}, PLACE, [], None)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4000"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert found["AWS_ACCESS_KEY_ID"]
    assert found["AWS_SECRET_ACCESS_KEY"]
    assert found["ECS_CONTAINER_METADATA_URI_V4"].endswith("/v4/abc-app")


def test_the_task_definition_decides_but_for_the_port() -> None:
    own = [("AWS_REGION", "us-west-2"), ("PORT", "80"), ("A", "1"), ("A", "secret")]
    found = variables({"PATH": "/bin"}, PLACE, own, 20001)
    assert (found["AWS_REGION"], found["PORT"], found["A"]) == ("us-west-2", "20001", "secret")
    assert found["HOST"] == "127.0.0.1"
    assert variables({}, PLACE, [("HOST", "::1")], 20001)["HOST"] == "::1"


def test_the_local_cloud_is_not_reached_through_a_proxy() -> None:
    found = variables({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "corp"}, PLACE, [], None)
    assert found["NO_PROXY"] == "corp,127.0.0.1,localhost"
    assert found["no_proxy"] == "127.0.0.1,localhost"
    assert "NO_PROXY" not in variables({}, PLACE, [], None)


def test_names_that_no_shell_passes_go_as_one_variable() -> None:
    assert passable({"A": "1", "a.b": "2"}) == {"A": "1", MORE_VARIABLES: '{"a.b": "2"}'}
    assert passable({"A": "1"}) == {"A": "1"}
