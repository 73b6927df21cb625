"""What no file of the repository may hold: addresses and paths of the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Spelled in parts, so that this file passes its own test.
REGISTRIES = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "registry" + r"\.yarnpkg",
    "proxy" + r"\.golang",
    "sum" + r"\.golang",
    "static" + r"\.crates",
    "repo1?" + r"\.maven",
    "deb" + r"\.debian",
    "ruby" + r"gems\.org",
    "arti" + "factory",
    r"nexus\d?" + r"\.",
]
MACHINE_PATHS = [
    "(?<!target=)/ro" + "ot/",  # a Dockerfile's cache mount names a folder of the image
    "/wo" + "rk/",
    "/Us" + r"ers/\w+/",
    "/ho" + r"me/(?!me\b)\w+/",
    r"\.py" + "env/",
]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def found(patterns: list[str]) -> list[str]:
    either = re.compile("|".join(patterns))
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if either.search(line)
    ]


class TestTrackedFiles:
    def test_name_no_package_registry(self) -> None:
        assert found(REGISTRIES) == []

    def test_hold_no_path_of_a_machine(self) -> None:
        assert found(MACHINE_PATHS) == []

    def test_are_looked_through(self) -> None:
        assert any(line.startswith("pyproject.toml:") for line in found([r"^\[project\]"]))


class TestLock:
    def test_pins_every_package_with_a_hash_and_names_no_index(self) -> None:
        text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if line.startswith(("-", "http:", "https:"))] == []
        packages = re.findall(r"^([\w.-]+)==", text, flags=re.MULTILINE)
        hashed = re.findall(r"^([\w.-]+)==[^\n]*\\\n    --hash=", text, flags=re.MULTILINE)
        assert len(packages) > 50
        assert packages == hashed
