"""Builds with small programs in the place of Docker, found on PATH as it is."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from cygni.builder.images.building import REVISION_LABEL, build, build_source
from cygni.builder.images.revision import revision_of
from cygni.builder.images.sources import image_source
from cygni.builder.images.tools import TOOLS, BuildOrder, Tool, tool_of
from cygni.errors import BuildFailed, UsageError

DOCKER = TOOLS[0]
ANSWERS = 'case "$1" in version|info) echo 1; exit;; esac\n'
WRITES_ID = (
    'for one in "$@"; do case "$one" in --iidfile=*) echo sha256:abc > "${one#--iidfile=}";; esac; done\n'
)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Puts a shell script of that name before all else on PATH."""
    places = tmp_path / "bin"
    places.mkdir()
    monkeypatch.setenv("PATH", f"{places}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def put(name: str, script: str) -> Path:
        file = places / name
        file.write_text(f"#!/bin/sh\n{script}")
        file.chmod(0o755)
        return file

    return put


@pytest.fixture
def order(tmp_path: Path) -> BuildOrder:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    secrets = {"npmrc": tmp_path / "npmrc"}
    return BuildOrder(folder, folder / "Dockerfile", "shop/web:1", "linux/arm64", secrets=secrets)


Put = Callable[[str, str], Path]


class TestCommand:
    def test_names_all_that_matters(self, order: BuildOrder, tmp_path: Path) -> None:
        for tool in TOOLS:
            command = tool.build(order, tmp_path / "id")
            assert command[0] == tool.name
            assert command[-1] == str(order.context)
            assert {"--platform=linux/arm64", "--tag=shop/web:1", f"--iidfile={tmp_path / 'id'}"} <= set(
                command
            )

    def test_has_no_secret_in_it(self, order: BuildOrder, tmp_path: Path) -> None:
        (tmp_path / "npmrc").write_text("token=hunter2")
        for tool in TOOLS:
            assert f"--secret=id=npmrc,src={tmp_path / 'npmrc'}" in tool.build(order, tmp_path / "id")
            assert "hunter2" not in " ".join(tool.login("registry.example.org", "AWS"))
            assert "--password-stdin" in tool.login("registry.example.org", "AWS")


class TestSecrets:
    SECRETS: ClassVar = {"npmrc": b"//registry/:_authToken=hunter2-of-npm\n", "TOKEN": b"hunter2-of-pip"}

    @pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.name))
    def test_are_files_of_the_owner_alone_that_are_gone_then_and_never_arguments(
        self, tool: Tool, program: Put, order: BuildOrder, tmp_path: Path
    ) -> None:
        look = (
            f"""for one in "$@"; do echo "$one" >> {tmp_path}/asked; case "$one" in --secret=*) """
            f"""file="${{one##*src=}}"; stat -c %a "$file" >> {tmp_path}/modes; cat "$file" >> {tmp_path}/given"""
            """;; esac; done\n"""
        )
        program(tool.name, f"{WRITES_ID}env > {tmp_path}/variables\n{look}echo it is hunter2-of-pip\n")
        heard: list[str] = []
        source = image_source(order.context)
        build_source(tool, source, "shop/web:1", "linux/amd64", heard.append, self.SECRETS)
        asked = (tmp_path / "asked").read_text()
        files = [Path(line.partition("src=")[2]) for line in asked.splitlines() if "--secret=" in line]
        assert [line for line in asked.splitlines() if "id=TOKEN," in line or "id=npmrc," in line]
        assert (tmp_path / "given").read_bytes() == self.SECRETS["TOKEN"] + self.SECRETS["npmrc"]
        assert (tmp_path / "modes").read_text().split() == ["600", "600"]
        assert not any(file.parent.exists() for file in files)
        assert "hunter2" not in asked + (tmp_path / "variables").read_text() + repr(order)
        assert heard == ["it is [secret]"]

    def test_are_in_no_error_and_gone_after_one(
        self, program: Put, order: BuildOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        program("docker", "echo npm ERR! hunter2-of-pip is wrong; exit 1\n")
        source = image_source(order.context)
        with pytest.raises(BuildFailed) as failed:
            build_source(DOCKER, source, "a:1", "linux/amd64", lambda line: None, self.SECRETS)
        assert failed.value.details["last_lines"] == ["npm ERR! [secret] is wrong"]
        assert "hunter2" not in f"{failed.value.message}{failed.value.details}"
        assert list((tmp_path / "temporary").iterdir()) == []


class TestTool:
    def test_is_the_first_that_works(self, program: Put) -> None:
        program("docker", "exit 1\n")  # its engine does not run
        program("podman", ANSWERS)
        program("buildah", ANSWERS)
        assert tool_of(None, {}).name == "podman"

    def test_is_the_one_that_is_named(self, program: Put) -> None:
        program("docker", ANSWERS)
        program("buildah", ANSWERS)
        assert tool_of("buildah", {}).name == "buildah"
        assert tool_of(None, {"CYGNI_BUILD_TOOL": "buildah"}).name == "buildah"

    def test_that_builds_nothing_is_refused(self, program: Put) -> None:
        with pytest.raises(UsageError, match='"make" builds no images'):
            tool_of("make", {})

    def test_that_does_not_answer_is_said(self, program: Put) -> None:
        program("docker", "exit 1\n")
        with pytest.raises(UsageError, match="docker does not answer"):
            tool_of("docker", {})

    def test_is_missed_in_one_sentence(self, program: Put) -> None:
        for tool in TOOLS:
            program(tool.name, "exit 1\n")
        with pytest.raises(UsageError, match="docker, podman, buildah were tried"):
            tool_of(None, {})


class TestBuild:
    def test_tells_every_line_and_counts_steps(self, program: Put, order: BuildOrder) -> None:
        program("docker", WRITES_ID + "echo '#5 [build 2/2] RUN make'; echo '#5 CACHED'\n")
        heard: list[str] = []
        built = build(DOCKER, order, heard.append)
        assert (built.image_id, built.steps, built.cached) == ("sha256:abc", 1, 1)
        assert heard == ["#5 [build 2/2] RUN make", "#5 CACHED"]

    def test_that_fails_has_its_last_lines_for_programs_and_says_nothing_twice(
        self, program: Put, order: BuildOrder
    ) -> None:
        program(
            "docker", "for n in $(seq 50); do echo line $n; done; echo 'no such package: flaks' >&2; exit 3\n"
        )
        with pytest.raises(BuildFailed, match=r"docker ended with 3$") as failed:
            build(DOCKER, order, lambda line: None)
        assert failed.value.details["last_lines"] == [
            *(f"line {n}" for n in range(32, 51)),
            "no such package: flaks",
        ]

    def test_that_makes_no_image_has_failed(self, program: Put, order: BuildOrder) -> None:
        program("docker", "exit 0\n")
        with pytest.raises(BuildFailed):
            build(DOCKER, order, lambda line: None)

    def test_of_a_tool_that_is_gone_is_one_error(self, order: BuildOrder) -> None:
        with pytest.raises(BuildFailed, match="cannot be started"):
            build(Tool("no-such-tool", (), ()), order, lambda line: None)

    def test_takes_output_that_is_no_text(self, program: Put, order: BuildOrder) -> None:
        program("docker", WRITES_ID + "printf '\\377\\n'\n")
        assert build(DOCKER, order, lambda line: None).image_id == "sha256:abc"

    def test_that_is_stopped_leaves_no_process(self, program: Put, order: BuildOrder, tmp_path: Path) -> None:
        program("docker", f"sleep 300 & echo $! > {tmp_path}/child; echo begun; wait\n")

        def interrupt(line: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            build(DOCKER, order, interrupt)
        child = int((tmp_path / "child").read_text())
        until = time.monotonic() + 60
        while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until
            time.sleep(0.02)

    def test_labels_an_image_with_the_revision_of_its_source(
        self, program: Put, order: BuildOrder, tmp_path: Path
    ) -> None:
        program("docker", f'{WRITES_ID}echo "$@" > {tmp_path}/asked\n')
        source = image_source(order.context)
        build_source(DOCKER, source, "shop/web:1", "linux/amd64", lambda line: None)
        assert "--label" not in (tmp_path / "asked").read_text()
        git = ["git", "-C", str(order.context), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for command in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "--message", "begin"]):
            subprocess.run([*git, *command], check=True)
        build_source(DOCKER, source, "shop/web:1", "linux/amd64", lambda line: None)
        revision = revision_of(order.context)
        assert f"--label={REVISION_LABEL}={revision}" in (tmp_path / "asked").read_text()
