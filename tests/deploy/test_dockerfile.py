"""What deploy/Dockerfile is held to without building it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"password|secret|token|_key\b", re.IGNORECASE)


@dataclass
class Stage:
    """`base` is an image or an earlier stage; `instructions` are in order, each with its arguments."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, kind: str) -> list[str]:
        return [arguments for one, arguments in self.instructions if one == kind]


def stages(text: str) -> dict[str, Stage]:
    lines = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    found: dict[str, Stage] = {}
    current = Stage("", "")
    for line in filter(None, lines):
        kind, _, arguments = line.partition(" ")
        if kind == "FROM":
            base, _, name = arguments.partition(" AS ")
            current = found.setdefault(name, Stage(name, base))
        else:
            current.instructions.append((kind, arguments.strip()))
    return found


@pytest.fixture(scope="module")
def built() -> dict[str, Stage]:
    return stages((ROOT / "deploy/Dockerfile").read_text())


class TestDockerfile:
    def test_builds_in_other_stages_than_those_that_run(self, built: dict[str, Stage]) -> None:
        assert list(built) == ["builder", "engine", "server", "worker"]
        assert (built["server"].base, built["worker"].base) == ("${PYTHON}", "server")
        assert all("pip" not in one for name in ("server", "worker") for one in built[name].all("RUN"))

    def test_runs_as_nobody_special(self, built: dict[str, Stage]) -> None:
        assert built["server"].all("USER") == ["10001:10001"]
        assert built["worker"].all("USER") == []  # it stays so
        last = [kind for kind, _ in built["server"].instructions]
        assert "RUN" not in last[last.index("USER") :]

    def test_has_a_health_check_of_the_server(self, built: dict[str, Stage]) -> None:
        [check] = built["server"].all("HEALTHCHECK")
        assert "/ready" in check
        assert built["worker"].all("HEALTHCHECK") == ["NONE"]

    def test_writes_only_into_its_volume(self, built: dict[str, Stage]) -> None:
        [settings] = built["server"].all("ENV")
        assert "PYTHONDONTWRITEBYTECODE=1" in settings
        assert "CYGNI_DATA_DIR=/data" in settings
        assert built["server"].all("VOLUME") == ['["/data"]']

    def test_starts_programs_without_a_shell_so_that_signals_reach_them(
        self, built: dict[str, Stage]
    ) -> None:
        assert built["server"].all("CMD") == ['["cx", "server", "run"]']
        assert built["worker"].all("CMD") == ['["cx", "worker"]']

    def test_holds_no_secret_and_fetches_no_url(self, built: dict[str, Stage]) -> None:
        for stage in built.values():
            assert stage.all("ADD") == []
            assert not any(SECRET.search(one) for kind in ("ENV", "ARG") for one in stage.all(kind))

    def test_copies_every_package_and_what_is_there(self, built: dict[str, Stage]) -> None:
        copied = [one.split()[:-1] for one in built["builder"].all("COPY")]
        sources = {source for one in copied for source in one}
        assert all((ROOT / source).exists() for source in sources)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        assert sources >= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

    def test_pins_its_bases_and_tools(self, built: dict[str, Stage]) -> None:
        text = (ROOT / "deploy/Dockerfile").read_text()
        assert re.search(r"^ARG PYTHON=\S+:\d+\.\d+-slim-\w+$", text, re.MULTILINE)
        assert ":latest" not in text
        setup = (ROOT / "scripts/setup.sh").read_text()
        [version] = re.findall(r"^UV_VERSION=(\S+)", setup, re.MULTILINE)
        assert built["builder"].all("ARG") == [f"UV_VERSION={version}"]
