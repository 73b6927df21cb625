from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import engine, engine_progress
from cygni.errors import EngineMissing
from stacks.engine import Origin, Step


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, a PATH with only `tmp_path/bin`, and no download."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("CYGNI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CYGNI_ENGINE_DOWNLOAD", "never")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("CYGNI_PULUMI", raising=False)
    return tmp_path / "cache"


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def pulumi(folder: Path) -> Path:
    return script(folder / "pulumi", "echo v3.255.0")


class TestStatus:
    def test_prints_one_object_on_stdout_and_nothing_else(self, tmp_path: Path, cache: Path) -> None:
        used = pulumi(tmp_path / "bin")
        result = CliRunner().invoke(engine.app, ["status", "--json"])
        answer = json.loads(result.stdout)
        assert (result.exit_code, result.stderr) == (0, "")
        assert answer["engine"]["path"] == str(used)
        assert [attempt["origin"] for attempt in answer["attempts"]] == [
            "variable",
            "path",
            "download",
            "build",
        ]

    def test_says_null_where_there_is_no_engine(self, cache: Path) -> None:
        answer = json.loads(CliRunner().invoke(engine.app, ["status", "--json"]).stdout)
        assert answer["engine"] is None

    def test_tells_a_person_on_stderr(self, tmp_path: Path, cache: Path) -> None:
        used = pulumi(tmp_path / "bin")
        result = CliRunner().invoke(engine.app, ["status"])
        assert result.stdout == ""
        assert f"✓ PATH: the first `pulumi` on PATH: {used}, 3.255.0" in result.stderr
        assert "download from upstream: CYGNI_ENGINE_DOWNLOAD is `never`" in result.stderr

    def test_tells_how_to_get_one(self, cache: Path) -> None:
        assert "`cx engine install` gets one" in CliRunner().invoke(engine.app, ["status"]).stderr


class TestInstall:
    def test_says_which_engine_is_there_already(self, tmp_path: Path, cache: Path) -> None:
        used = pulumi(tmp_path / "bin")
        result = CliRunner().invoke(engine.app, ["install", "--json"])
        assert json.loads(result.stdout) == {
            "path": str(used),
            "version": "3.255.0",
            "origin": "path",
            "reason": "the first `pulumi` on PATH",
        }
        assert result.stderr == ""

    def test_builds_with_lines_of_progress_on_stderr(self, tmp_path: Path, cache: Path) -> None:
        script(
            tmp_path / "bin" / "go",
            'verb=$1\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done\n'
            "case $verb in version) echo go version go1.26.8 x/y ;; list) echo a ;;\n"
            'build) printf "#!/bin/sh\\necho v3.255.0\\n" > "$out"; chmod +x "$out" ;; esac',
        )
        result = CliRunner().invoke(engine.app, ["install"])
        built = cache / "engine" / "v3.255.0" / "pulumi"
        assert (result.exit_code, result.stdout) == (0, "")
        assert "Building the Pulumi engine (once for this machine, some minutes): compiling" in result.stderr
        assert f"Engine 3.255.0: {built}" in result.stderr
        assert built.exists()

    def test_leaves_the_error_to_whoever_renders_errors(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CYGNI_PULUMI", "/nowhere/pulumi")
        result = CliRunner().invoke(engine.app, ["install"])
        assert isinstance(result.exception, EngineMissing)
        assert result.stdout == ""


class TestCx:
    @pytest.mark.parametrize("command", ["install", "status"])
    def test_answers_a_program_with_one_error_object_and_a_code(self, tmp_path: Path, command: str) -> None:
        environ = {
            "PATH": "/usr/bin:/bin",
            "CYGNI_CACHE_DIR": str(tmp_path),
            "CYGNI_ENGINE_DOWNLOAD": "perhaps",
        }
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "cx"), "engine", command, "--json"],
            env={**environ, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 2
        error = json.loads(finished.stdout)["error"]
        assert error["code"] == "usage"
        assert "`auto` or `never`" in error["hint"]
        assert "Traceback" not in finished.stderr

    def test_ends_with_the_code_for_a_failed_preflight_when_there_is_no_engine(self, tmp_path: Path) -> None:
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "cx"), "engine", "install"],
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "CYGNI_PULUMI": "/nowhere/pulumi"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 15
        assert finished.stdout == ""
        assert finished.stderr.startswith("error: CYGNI_PULUMI names /nowhere/pulumi, which does not exist.")


class TestLines:
    def test_tells_each_phase_once_and_then_only_now_and_then(self) -> None:
        stream = io.StringIO()
        with engine_progress.lines(stream) as progress:
            for second in range(61):
                progress(
                    Step(Origin.BUILD, f"compiling ({second} of at most 60 packages)", second, second / 60)
                )
        what = "Building the Pulumi engine (once for this machine, some minutes): compiling"
        assert stream.getvalue().splitlines() == [
            f"{what} (0 of at most 60 packages), 0 %, 0 s",
            f"{what} (20 of at most 60 packages), 33 %, 20 s",
            f"{what} (40 of at most 60 packages), 67 %, 40 s",
            f"{what} (60 of at most 60 packages), 100 %, 1 min 00 s",
        ]


class TestBar:
    def test_follows_the_steps_without_writing_to_stdout(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")  # what makes rich take the captured stream for a terminal
        with engine_progress.bar() as progress:
            progress(Step(Origin.DOWNLOAD, "asking upstream", 0.0))
            progress(Step(Origin.BUILD, "compiling", 1.0, 0.5))
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "Building the Pulumi engine" in captured.err
