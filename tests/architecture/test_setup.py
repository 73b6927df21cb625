"""`make setup` on machines that lack something: scripts/setup.sh with made-up programs for its PATH."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "setup.sh"
TOOLS = ["dirname", "mkdir", "rm", "cat"]


class Machine:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.log = root / "log"
        (root / "project" / "scripts").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(SCRIPT, root / "project" / "scripts" / "setup.sh")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)

    def program(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n{body}\n')
        path.chmod(0o755)

    def setup(self, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "scripts/setup.sh"],
            cwd=self.root / "project",
            env={"PATH": str(self.bin), "HOME": str(self.root), **environ},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


OLD = 'case "$*" in *sys.executable*) echo ;; *) exit 1 ;; esac'
NEW = 'case "$*" in *sys.executable*) echo "$0" ;; *) exit 1 ;; esac'


class TestSetup:
    def test_says_what_to_do_without_a_python(self, machine: Machine) -> None:
        finished = machine.setup()
        assert finished.returncode == 1
        assert finished.stderr.startswith("error: no Python 3.11 or newer on PATH\n  Install one")

    def test_passes_over_a_python_that_is_too_old(self, machine: Machine) -> None:
        machine.program("python3", OLD)
        machine.program("python3.12", NEW)
        machine.program("uv", "exit 0")
        assert machine.setup().returncode == 0
        assert f"uv venv --quiet --allow-existing --python {machine.bin}/python3.12 .venv" in machine.calls

    def test_takes_the_python_that_is_named(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("mine", NEW)
        machine.program("uv", "exit 0")
        assert machine.setup(PYTHON="mine").returncode == 0
        assert any("/mine " in call for call in machine.calls)

    def test_says_what_to_install_where_python_cannot_make_an_environment(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        finished = machine.setup()
        assert finished.returncode == 1
        assert "has neither ensurepip nor pip" in finished.stderr
        assert "apt-get install python3-venv" in finished.stderr

    def test_installs_just_what_is_locked_and_checks_hashes(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("uv", "exit 0")
        assert machine.setup().returncode == 0
        assert machine.calls[-2:] == [
            "uv pip sync --require-hashes --python .venv/bin/python requirements.lock --quiet",
            "uv pip install --no-deps --python .venv/bin/python --editable . --quiet",
        ]

    def test_tries_the_systems_certificates_once_before_it_gives_up(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("uv", 'case "$*" in "pip "*) [ -n "$UV_SYSTEM_CERTS" ] ;; esac')
        assert machine.setup().returncode == 0

        machine.program("uv", 'case "$*" in "pip "*) exit 1 ;; esac')
        finished = machine.setup()
        assert finished.returncode == 1
        assert "the locked packages could not be installed" in finished.stderr

    def test_tells_uv_of_a_mirror_that_pip_was_told_of(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("uv", f'echo "index=$UV_DEFAULT_INDEX" >> "{machine.log}"')
        machine.setup(PIP_INDEX_URL="https://mirror.test/simple")
        assert machine.calls[-1] == "index=https://mirror.test/simple"

    def test_makes_an_environment_again_that_was_moved(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("uv", "exit 0")
        assert machine.setup().returncode == 0
        scripts = machine.root / "project" / ".venv" / "bin"
        scripts.mkdir()
        (scripts / "python").symlink_to("/bin/true")
        assert machine.setup().returncode == 0
        assert scripts.exists()

        moved = machine.root / "project" / ".venv" / "ready"
        moved.write_text("/somewhere/else\n")
        assert machine.setup().returncode == 0
        assert not scripts.exists()
        assert moved.read_text() == f"{machine.root / 'project'}\n"

    def test_leaves_no_mark_of_success_when_it_fails(self, machine: Machine) -> None:
        machine.program("python3", NEW)
        machine.program("uv", "exit 0")
        assert machine.setup().returncode == 0
        machine.program("uv", 'case "$*" in "pip "*) exit 1 ;; esac')
        assert machine.setup().returncode == 1
        assert not (machine.root / "project" / ".venv" / "ready").exists()
