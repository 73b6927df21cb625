"""Cygni as it is installed: from a wheel, in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.test_imports import PACKAGES

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def uv(*arguments: str | Path) -> None:
    """Run uv from its cache, and from the network only where that lacks something."""
    program = shutil.which("uv") or shutil.which(str(ROOT / ".venv" / "bootstrap" / "bin" / "uv"))
    if program is None:
        pytest.skip("there is no uv")
    command = [program, "--quiet", *map(str, arguments)]
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    last: subprocess.CompletedProcess[str] | None = None
    for more in ({"UV_OFFLINE": "1"}, {}, {"UV_SYSTEM_CERTS": "1"}):
        last = subprocess.run(
            command, cwd=ROOT, env={**environ, **more}, capture_output=True, text=True, check=False
        )
        if last.returncode == 0:
            return
    raise AssertionError(last.stderr if last else "")


@dataclass(frozen=True)
class Installed:
    """A fresh environment with Cygni's wheel and its locked dependencies in it."""

    bin: Path
    wheel: Path
    elsewhere: Path

    def run(self, program: str, *arguments: str) -> str:
        """What the program prints, run outside the checkout and with nothing of it on the module path."""
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(self.elsewhere)}
        finished = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.elsewhere,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("distribution")
    uv("build", "--wheel", "--out-dir", folder / "dist", ROOT)
    [wheel] = (folder / "dist").glob("*.whl")
    python = folder / "venv" / "bin" / "python"
    uv("venv", folder / "venv")
    uv("pip", "sync", "--require-hashes", "--python", python, ROOT / "requirements.lock")
    uv("pip", "install", "--no-deps", "--python", python, wheel)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(python.parent, wheel, elsewhere)


@pytest.mark.xdist_group("distribution")
class TestWheel:
    def test_holds_the_packages_and_nothing_else(self, installed: Installed) -> None:
        with zipfile.ZipFile(installed.wheel) as opened:
            top = {name.partition("/")[0] for name in opened.namelist()}
        assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)

    def test_runs_outside_the_checkout(self, installed: Installed) -> None:
        assert installed.run("cx", "--version").startswith("cx 0.")
        where = installed.run("python", "-c", "import cygni; print(cygni.__file__)")
        assert str(ROOT) not in where

    def test_can_build_the_engine_too(self, installed: Installed) -> None:
        program = "from stacks.engine_build import module_folder; print(module_folder())"
        folder = Path(installed.run("python", "-c", program).strip())
        assert folder.name == "_engine_module"
        assert (folder / "go.sum").read_bytes() == (ROOT / "engine" / "go.sum").read_bytes()

    def test_shares_no_name_with_another_distribution(self, installed: Installed) -> None:
        program = (
            "import importlib.metadata as m, json\n"
            f"print(json.dumps({{p: sorted(set(m.packages_distributions().get(p, []))) for p in {PACKAGES!r}}}))"
        )
        owners = json.loads(installed.run("python", "-c", program))
        assert owners == {package: ["cygni"] for package in PACKAGES}

    def test_begins_a_project(self, installed: Installed) -> None:
        names = [
            one["name"]
            for one in json.loads(installed.run("cx", "init", "--templates", "--json"))["templates"]
        ]
        assert len(names) >= 12
        installed.run("cx", "init", "begun", "--template", names[0], "--json")
        assert (installed.elsewhere / "begun" / "cygni.yaml").is_file()
