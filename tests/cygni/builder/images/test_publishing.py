"""Pushing with a small program in the place of Docker."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from cygni.builder.images.publishing import Login, logged_in
from cygni.builder.images.tools import TOOLS, Tool
from cygni.errors import BuildFailed, RegistryUnreachable

PASSWORD = "hunter2-is-a-password"
NAME = "shop/staging/web:v1"
ADDRESS = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
LOGIN = Login("123456789012.dkr.ecr.us-east-1.amazonaws.com", "AWS", PASSWORD)
SCRIPT = """\
#!/bin/sh
echo "$@" >> {log}
echo "${{DOCKER_CONFIG:-$REGISTRY_AUTH_FILE}}" >> {log}
[ "$1" = login ] && cat > {log}.password
[ "$1" = "{fails}" ] && {{ echo "{says}" >&2; exit 1; }}
exit 0
"""


def put(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: Tool,
    fails: str = "nothing",
    says: str = "denied: no rights",
) -> Path:
    log, place = tmp_path / "log", tmp_path / "bin"
    place.mkdir()
    (place / tool.name).write_text(SCRIPT.format(log=log, fails=fails, says=says), encoding="utf-8")
    (place / tool.name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    return log


def push(tool: Tool, told: list[str], login: Login = LOGIN) -> None:
    with logged_in(tool, login) as session:
        session.push("built:1", NAME, told.append)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.name))
def test_logs_in_tags_and_pushes_with_a_login_that_is_gone_then(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = put(tmp_path, monkeypatch, tool)
    with logged_in(tool, LOGIN) as session:
        assert session.push("built:1", NAME, lambda line: None) == ADDRESS
        assert session.push("built:2", NAME, lambda line: None) == ADDRESS
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[::2] == [
        f"login --username=AWS --password-stdin {LOGIN.registry}",
        f"tag built:1 {ADDRESS}",
        f"push {ADDRESS}",
        f"rmi {ADDRESS}",
        f"tag built:2 {ADDRESS}",
        f"push {ADDRESS}",
        f"rmi {ADDRESS}",
    ]
    [place] = {Path(line) for line in lines[1::2]}
    assert not place.exists()
    assert not place.parent.name.startswith("cx-login-") or not place.parent.exists()
    assert (tmp_path / "log.password").read_text(encoding="utf-8") == PASSWORD


@pytest.mark.parametrize("fails", ["login", "tag", "push"])
def test_says_what_the_tool_said_and_never_the_password(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, monkeypatch, TOOLS[0], fails)
    told: list[str] = []
    with pytest.raises(BuildFailed, match=f"docker {fails} ended with 1") as failed:
        push(TOOLS[0], told)
    said = [*failed.value.message.splitlines(), *told]
    assert [line.strip() for line in said].count("denied: no rights") == 1
    assert PASSWORD not in f"{failed.value.message}{failed.value.details}{told}{LOGIN!r}"


def test_a_registry_that_drops_the_connection_is_an_error_of_its_own_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    log = put(
        tmp_path, monkeypatch, TOOLS[2], "push", "writing blob: Patch: write tcp: connection reset by peer"
    )
    with pytest.raises(RegistryUnreachable, match="buildah push ended with") as failed:
        push(TOOLS[2], [])
    assert "Run the same command again" in (failed.value.hint or "")
    assert f"rmi {ADDRESS}" in log.read_text(encoding="utf-8")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "options"), [(TOOLS[0], ""), (TOOLS[2], "--tls-verify=false ")], ids=["docker", "buildah"]
)
def test_a_registry_of_this_machine_has_no_tls(
    tool: Tool, options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = put(tmp_path, monkeypatch, tool)
    push(tool, [], Login("127.0.0.1:5000", "AWS", PASSWORD, plain=True))
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"login --username=AWS --password-stdin {options}127.0.0.1:5000"
    assert f"push {options}127.0.0.1:5000/{NAME}" in lines
