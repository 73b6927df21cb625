"""Devices without room, as a full disk that output is redirected to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

FULL = Path("/dev/full")


pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
PROGRAM = "from cli.main import main; main()"


def ended(
    *arguments: str, stdout: int | IO[bytes], stderr: int | IO[bytes]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        check=False,
    )


class TestAFullStdout:
    @pytest.mark.parametrize(
        ("arguments", "code"), [(["diff", "--json", "-a", "nowhere"], 6), (["version", "--json"], 1)]
    )
    def test_leaves_one_error_on_stderr_and_the_exit_code(self, arguments: list[str], code: int) -> None:
        with FULL.open("wb") as full:
            done = ended(*arguments, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == code
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
    def test_is_one_error_of_help_too(self, arguments: list[str]) -> None:
        with FULL.open("wb") as full:
            done = ended(*arguments, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 1
        assert done.stderr == (
            "error: No space left on device: stdout\nhint:  Free some space and run the same command again.\n"
        )


class TestAFullStderr:
    """What is for people is dropped, as on /dev/null: the exit code is that of what was done."""

    @pytest.mark.parametrize(("arguments", "code"), [(["version"], 0), (["frobnicate"], 2)])
    def test_changes_no_exit_code(self, arguments: list[str], code: int) -> None:
        with FULL.open("wb") as full:
            assert ended(*arguments, stdout=subprocess.PIPE, stderr=full).returncode == code

    def test_leaves_the_answer_alone(self) -> None:
        with FULL.open("wb") as full:
            done = ended("version", "--json", stdout=subprocess.PIPE, stderr=full)
        assert (done.returncode, done.stdout[:1]) == (0, "{")
