from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cygni.errors import EngineError
from stacks import engine_build
from stacks.engine_version import Version

if TYPE_CHECKING:
    from tests.stacks.conftest import Machine


class Reports:
    def __init__(self) -> None:
        self.seen: list[tuple[str, float | None]] = []

    def __call__(self, text: str, fraction: float | None = None) -> None:
        self.seen.append((text, fraction))


def build(machine: Machine, reports: Reports | None = None, **more: str) -> Path:
    environ = {**machine.environ, **more}
    work = machine.root / "cache" / "work"
    work.mkdir(parents=True)
    tools = engine_build.toolchain(environ)
    return engine_build.build(engine_build.module_folder(), tools, work, environ, reports or Reports())


class TestBuild:
    def test_makes_an_executable_in_the_work_folder(self, machine: Machine) -> None:
        machine.go()
        made = build(machine)
        assert made == machine.root / "cache" / "work" / "pulumi"
        assert made.read_text().startswith("#!/bin/sh")

    def test_works_on_a_copy_of_the_module_that_pins_the_engine(self, machine: Machine) -> None:
        machine.go()
        build(machine)
        assert (machine.root / "go.cwd").read_text().strip() == str(machine.root / "cache" / "work")
        pinned = Path(__file__).parents[2] / "engine" / "go.sum"
        assert (machine.root / "cache" / "work" / "go.sum").read_text() == pinned.read_text()

    def test_tells_a_share_that_only_grows_up_to_one(self, machine: Machine) -> None:
        reports = Reports()
        machine.go(build="for p in a b c; do echo $p >&2; sleep 0.05; done; make_engine")
        build(machine, reports)
        shares = [fraction for _, fraction in reports.seen if fraction is not None]
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert 0.9 < shares[-1] <= 1
        assert reports.seen[-1][0] == "compiling (3 of at most 3 packages)"
        assert any(text == "fetching modules (1)" for text, _ in reports.seen)

    @pytest.mark.parametrize(
        ("said", "message", "hint"),
        [
            ("write /x: no space left on device", "The disk is full", "Free about 3 GB"),
            ("verifying a@v1: checksum mismatch", "does not match its checksum", "GOPROXY"),
            (
                "a@v1: Get https://u:p@proxy.test: dial tcp: no such host",
                "could not fetch",
                "Check the network",
            ),
            ("a@v1: reading https://proxy.test/a: 404 Not Found", "could not fetch", "GOPROXY"),
            ("go: go.mod requires go >= 1.25.11 (running go 1.22)", "too old", "Install Go 1.25.11"),
            ("compile: signal: killed", "ran out of memory or was killed", "2 GB"),
        ],
    )
    def test_explains_a_failure_it_knows(self, machine: Machine, said: str, message: str, hint: str) -> None:
        machine.go(build=f"echo some/package; echo '{said}' >&2; exit 1")
        with pytest.raises(EngineError, match=message) as raised:
            build(machine)
        assert hint in (raised.value.hint or "")
        assert "u:p" not in raised.value.message

    def test_gives_the_last_words_of_a_failure_it_does_not_know(self, machine: Machine) -> None:
        machine.go(build="echo some/package >&2; echo 'x.go:1: syntax error' >&2; exit 2")
        with pytest.raises(EngineError, match=r"ended with code 2. Go said: x.go:1: syntax error"):
            build(machine)

    def test_fails_when_the_modules_cannot_be_listed(self, machine: Machine) -> None:
        machine.go(listing="echo 'a@v1: dial tcp: i/o timeout' >&2; exit 1")
        with pytest.raises(EngineError, match="could not fetch the engine's modules"):
            build(machine)

    def test_fails_when_a_successful_build_leaves_nothing(self, machine: Machine) -> None:
        machine.go(build="true")
        with pytest.raises(EngineError, match="left no executable"):
            build(machine)

    def test_ends_a_build_that_takes_for_ever(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine_build, "_BUILD_SECONDS", 1.0)
        machine.go(build="sleep 60")
        with pytest.raises(EngineError, match="`go build` did not end within"):
            build(machine)


class TestBuildEnvironment:
    def test_keeps_proxies_and_drops_what_would_build_for_another_machine(self, tmp_path: Path) -> None:
        given = {
            "HOME": "/home/me",
            "GOPROXY": "https://proxy.test",
            "GOOS": "plan9",
            "GOARCH": "mips",
            "GOBIN": "/x",
        }
        env = engine_build.build_environment(given, tmp_path)
        assert env == {"HOME": "/home/me", "GOPROXY": "https://proxy.test", "GOWORK": "off"}

    def test_gives_go_a_place_for_its_caches_where_there_is_no_home(self, tmp_path: Path) -> None:
        env = engine_build.build_environment({"HOME": ""}, tmp_path)
        assert env["GOCACHE"] == str(tmp_path / "go-build")
        assert env["GOPATH"] == str(tmp_path / "go")


class TestToolchain:
    @pytest.mark.parametrize(
        ("version", "expected", "fetches"),
        [
            ("go1.25.11", Version(1, 25, 11), False),
            ("go1.26", Version(1, 26, 0), False),
            ("go1.26rc1", Version(1, 26, 0), False),
            ("go1.21.0", Version(1, 21, 0), True),
        ],
    )
    def test_takes_what_is_new_enough_or_can_renew_itself(
        self, machine: Machine, version: str, expected: Version, fetches: bool
    ) -> None:
        machine.go(version=version)
        tools = engine_build.toolchain(machine.environ)
        assert (tools.version, tools.fetches) == (expected, fetches)

    @pytest.mark.parametrize(("version", "goes_local"), [("go1.20.14", False), ("go1.25.10", True)])
    def test_refuses_what_is_too_old(self, machine: Machine, version: str, goes_local: bool) -> None:
        machine.go(version=version)
        environ = {**machine.environ, **({"GOTOOLCHAIN": "local"} if goes_local else {})}
        with pytest.raises(engine_build.CannotBuild, match=r"needs Go 1\.25\.11 or newer"):
            engine_build.toolchain(environ)

    def test_refuses_a_go_that_does_not_tell_its_version(self, machine: Machine) -> None:
        machine.script(machine.bin / "go", "exit 1")
        with pytest.raises(engine_build.CannotBuild, match="did not tell its version"):
            engine_build.toolchain(machine.environ)

    def test_refuses_a_go_that_cannot_be_run(self, machine: Machine) -> None:
        (machine.bin / "go").write_bytes(b"\x7fELF")
        (machine.bin / "go").chmod(0o755)
        with pytest.raises(engine_build.CannotBuild, match="cannot be run"):
            engine_build.toolchain(machine.environ)

    def test_tells_that_there_is_none(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine_build, "USUAL_GO_FOLDER", str(machine.root / "nowhere"))
        with pytest.raises(engine_build.CannotBuild, match="no `go` on PATH"):
            engine_build.toolchain({"PATH": str(machine.bin)})


class TestModuleFolder:
    def test_says_when_the_installation_lacks_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(engine_build, "__file__", str(tmp_path / "stacks" / "engine_build.py"))
        with pytest.raises(engine_build.CannotBuild, match="missing from this installation"):
            engine_build.module_folder()

    def test_is_inside_the_package_where_a_wheel_put_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        inside = tmp_path / "stacks" / "_engine_module"
        inside.mkdir(parents=True)
        for name in ("go.mod", "go.sum"):
            (inside / name).touch()
        monkeypatch.setattr(engine_build, "__file__", str(tmp_path / "stacks" / "engine_build.py"))
        assert engine_build.module_folder() == inside
