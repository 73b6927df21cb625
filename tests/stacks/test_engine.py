from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cygni.errors import EngineError, EngineMissing, UsageError
from stacks import engine, engine_version
from stacks.engine import Origin, Outcome, Step
from stacks.engine_places import Report

if TYPE_CHECKING:
    from tests.stacks.conftest import Machine

NEVER = {"CYGNI_ENGINE_DOWNLOAD": "never"}


def no_way(work: Path, report: Report) -> Path:
    raise AssertionError("nothing should be downloaded or built here")


UNUSED = {Origin.DOWNLOAD: no_way, Origin.BUILD: no_way}


def unreachable(work: Path, report: Report) -> Path:
    raise EngineError("upstream cannot be reached: refused")


class TestFind:
    def test_prefers_the_executable_that_the_variable_names(self, machine: Machine) -> None:
        machine.pulumi()
        named = machine.pulumi(machine.root / "elsewhere" / "my-pulumi", "v3.260.1")
        found = engine.find(
            machine.settings, environ={**machine.environ, "CYGNI_PULUMI": str(named)}, ways=UNUSED
        )
        assert (found.path, found.version, found.origin) == (named, "3.260.1", Origin.VARIABLE)

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (lambda machine, path: None, "does not exist"),
            (lambda machine, path: path.symlink_to(path), "does not exist"),
            (lambda machine, path: path.mkdir(), "is not a file"),
            (lambda machine, path: path.write_text("echo v3.255.0"), "is not executable"),
            (
                lambda machine, path: machine.pulumi(path, "v3.254.9"),
                "is version 3.254.9, not 3.255.0 or newer, below 4",
            ),
            (lambda machine, path: machine.pulumi(path, "v4.0.0"), "is version 4.0.0"),
            (lambda machine, path: machine.pulumi(path, "v3.255.0-alpha.1"), "is version 3.255.0-alpha.1"),
            (lambda machine, path: machine.pulumi(path, "hello"), "answered `version` with 'hello'"),
            (lambda machine, path: machine.script(path, "echo broken; exit 3"), "ended with code 3: broken"),
        ],
    )
    def test_refuses_a_variable_that_names_something_unusable_without_looking_further(
        self, machine: Machine, make: Any, reason: str
    ) -> None:
        machine.pulumi()
        named = machine.root / "named"
        make(machine, named)
        with pytest.raises(EngineMissing) as raised:
            engine.find(
                machine.settings, environ={**machine.environ, "CYGNI_PULUMI": str(named)}, ways=UNUSED
            )
        assert str(named) in raised.value.message
        assert reason in raised.value.message
        assert raised.value.hint

    def test_takes_a_compatible_one_from_the_path(self, machine: Machine) -> None:
        on_path = machine.pulumi()
        found = engine.find(machine.settings, environ=machine.environ, ways=UNUSED)
        assert (found.path, found.origin) == (on_path, Origin.PATH)

    def test_passes_over_an_incompatible_one_on_the_path(self, machine: Machine) -> None:
        machine.pulumi(version="v3.100.0")
        cached = machine.pulumi(machine.cached)
        found = engine.find(machine.settings, environ=machine.environ, ways=UNUSED)
        assert (found.path, found.origin) == (cached, Origin.CACHE)

    def test_downloads_before_it_builds(self, machine: Machine) -> None:
        def download(work: Path, report: Report) -> Path:
            report("downloading")
            return Path(machine.pulumi(work / "bin" / "pulumi"))

        steps: list[Step] = []
        ways = {Origin.DOWNLOAD: download, Origin.BUILD: no_way}
        found = engine.find(machine.settings, steps.append, environ=machine.environ, ways=ways)
        assert (found.path, found.origin) == (machine.cached, Origin.DOWNLOAD)
        assert [(step.origin, step.text) for step in steps] == [(Origin.DOWNLOAD, "downloading")]
        assert machine.leftovers() == []
        assert engine.find(machine.settings, environ=machine.environ, ways=UNUSED).origin is Origin.CACHE

    def test_builds_when_upstream_cannot_be_reached(self, machine: Machine) -> None:
        def build(work: Path, report: Report) -> Path:
            report("compiling", 0.5)
            return Path(machine.pulumi(work / "pulumi"))

        steps: list[Step] = []
        ways = {Origin.DOWNLOAD: unreachable, Origin.BUILD: build}
        found = engine.find(machine.settings, steps.append, environ=machine.environ, ways=ways)
        assert (found.path, found.origin) == (machine.cached, Origin.BUILD)
        assert [(step.text, step.fraction) for step in steps] == [
            ("upstream cannot be reached: refused", None),
            ("compiling", 0.5),
        ]

    def test_asks_nothing_of_upstream_when_told_never_to(self, machine: Machine) -> None:
        machine.go()
        found = engine.find(machine.settings, environ={**machine.environ, **NEVER})
        assert (found.path, found.origin) == (machine.cached, Origin.BUILD)

    def test_replaces_a_broken_engine_in_the_cache(self, machine: Machine) -> None:
        machine.cached.parent.mkdir(parents=True)
        machine.cached.write_bytes(b"\x7fELF half a file")
        machine.cached.chmod(0o755)
        machine.go()
        found = engine.find(machine.settings, environ={**machine.environ, **NEVER})
        assert (found.path, found.version) == (machine.cached, "3.255.0")

    def test_does_not_keep_what_turns_out_to_be_no_engine(self, machine: Machine) -> None:
        machine.go(build='echo "echo hello" > "$out"')
        with pytest.raises(EngineMissing, match="build with Go: what it left"):
            engine.find(machine.settings, environ={**machine.environ, **NEVER})
        assert not machine.cached.exists()

    def test_names_every_attempt_and_what_to_do_when_nothing_works(self, machine: Machine) -> None:
        machine.pulumi(version="v2.0.0")
        with pytest.raises(EngineMissing) as raised:
            engine.find(
                machine.settings,
                environ=machine.environ,
                ways={Origin.DOWNLOAD: unreachable, Origin.BUILD: _full_disk},
            )
        for said in (
            "CYGNI_PULUMI: not set",
            "is version 2.0.0",
            "Cygni's cache: nothing at",
            "upstream cannot be reached: refused",
            "The disk is full. Free 3 GB.",
        ):
            assert said in raised.value.message
        assert "Install Go 1.25.11 or newer" in (raised.value.hint or "")
        origins = [attempt["origin"] for attempt in raised.value.details["attempts"]]
        assert origins == ["variable", "path", "cache", "download", "build"]
        assert machine.leftovers() == []

    def test_goes_on_when_a_way_cannot_even_start(self, machine: Machine) -> None:
        def unstartable(work: Path, report: Report) -> Path:
            raise PermissionError(13, "Permission denied")

        ways = {
            Origin.DOWNLOAD: unstartable,
            Origin.BUILD: lambda work, report: machine.pulumi(work / "pulumi"),
        }
        assert engine.find(machine.settings, environ=machine.environ, ways=ways).origin is Origin.BUILD

    def test_refuses_an_unknown_word_for_downloads(self, machine: Machine) -> None:
        machine.pulumi()
        with pytest.raises(UsageError, match="'perhaps'"):
            engine.find(machine.settings, environ={**machine.environ, "CYGNI_ENGINE_DOWNLOAD": "perhaps"})

    def test_tells_where_the_cache_cannot_be_written(self, machine: Machine) -> None:
        machine.settings.cache_dir.write_text("a file where the folder should be")
        with pytest.raises(EngineMissing, match="cannot be kept in") as raised:
            engine.find(machine.settings, environ=machine.environ, ways=UNUSED)
        assert "CYGNI_CACHE_DIR" in (raised.value.hint or "")


def _full_disk(work: Path, report: Report) -> Path:
    raise EngineError("The disk is full.", hint="Free 3 GB.")


FINDER = """
import sys
from pathlib import Path
from cygni.settings import Settings
from stacks import engine, engine_version
root = Path(sys.argv[1])
settings = Settings(data_dir=root / "data", cache_dir=root / "cache")
found = engine.find(settings, lambda step: print(step.text, file=sys.stderr, flush=True))
print(found.origin, found.path)
"""


def start_finder(machine: Machine, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FINDER, str(machine.root)],
        env={**machine.environ, **NEVER, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)


class TestFindByManyAtOnce:
    def test_builds_once_and_lets_the_others_wait_for_it(self, machine: Machine) -> None:
        builds = machine.root / "builds"
        machine.go(build=f'echo . >> "{builds}"; sleep 1.5; make_engine')
        finders = [start_finder(machine) for _ in range(3)]
        answers = [finder.communicate(timeout=60) for finder in finders]
        assert [finder.returncode for finder in finders] == [0, 0, 0], answers
        assert sorted(out.split()[0] for out, _ in answers) == ["build", "cache", "cache"]
        assert builds.read_text().count(".") == 1
        assert any("waiting for another process" in err for _, err in answers)

    def test_leaves_no_half_file_when_the_builder_is_killed_and_the_next_one_builds(
        self, machine: Machine
    ) -> None:
        started = machine.root / "started"
        machine.go(build=f'echo half > "$out"; echo $$ > "{started}"; exec sleep 60')
        finder = start_finder(machine)
        wait_for(started)
        finder.kill()
        finder.communicate(timeout=60)
        os.kill(int(started.read_text()), signal.SIGKILL)  # the real one dies of its closed output
        assert not machine.cached.exists()
        assert machine.leftovers() != []

        machine.go()
        found = engine.find(machine.settings, environ={**machine.environ, **NEVER})
        assert found.origin is Origin.BUILD
        assert machine.leftovers() == []

    def test_ends_the_build_when_it_is_interrupted(self, machine: Machine) -> None:
        started = machine.root / "started"
        machine.go(build=f'echo $$ > "{started}"; sleep 60')
        finder = start_finder(machine)
        wait_for(started)
        finder.send_signal(signal.SIGINT)
        finder.communicate(timeout=60)
        assert finder.returncode != 0
        with pytest.raises(ProcessLookupError):
            os.kill(int(started.read_text()), 0)
        assert machine.leftovers() == []


class TestStatus:
    def test_tells_every_place_without_getting_anything(self, machine: Machine) -> None:
        machine.go()
        attempts = engine.status(machine.settings, environ=machine.environ)
        assert [(attempt.origin, attempt.outcome) for attempt in attempts] == [
            (Origin.VARIABLE, Outcome.ABSENT),
            (Origin.PATH, Outcome.ABSENT),
            (Origin.CACHE, Outcome.ABSENT),
            (Origin.DOWNLOAD, Outcome.POSSIBLE),
            (Origin.BUILD, Outcome.POSSIBLE),
        ]
        assert not machine.cached.exists()

    def test_stops_at_the_place_that_is_used(self, machine: Machine) -> None:
        machine.pulumi()
        outcomes = {
            attempt.origin: attempt for attempt in engine.status(machine.settings, environ=machine.environ)
        }
        assert outcomes[Origin.PATH].outcome is Outcome.FOUND
        assert Origin.CACHE not in outcomes

    def test_says_what_it_waits_for(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine_version, "_PATIENCE_SECONDS", 0.1)
        slow = machine.script(machine.bin / "pulumi", "sleep 1.5; echo v3.255.0")
        heard: list[Step] = []
        attempts = engine.status(machine.settings, heard.append, environ=machine.environ)
        assert attempts[1].outcome is Outcome.FOUND
        assert {step.text for step in heard} == {f"waiting for {slow} to tell its version"}
        heard.clear()
        engine.find(machine.settings, heard.append, environ=machine.environ, ways=UNUSED)
        assert heard

    def test_shows_an_unusable_variable_instead_of_failing(self, machine: Machine) -> None:
        attempts = engine.status(
            machine.settings, environ={**machine.environ, "CYGNI_PULUMI": "/nowhere/pulumi"}
        )
        assert attempts[0].outcome is Outcome.UNUSABLE
        assert engine.describe(attempts[0]) == "CYGNI_PULUMI: /nowhere/pulumi does not exist"

    def test_tells_that_a_go_is_too_old(self, machine: Machine) -> None:
        machine.go(version="go1.19.8")
        last = engine.status(machine.settings, environ={**machine.environ, **NEVER})[-2:]
        assert [attempt.outcome for attempt in last] == [Outcome.SKIPPED, Outcome.ABSENT]
        assert "needs Go 1.25.11 or newer" in last[1].reason
