"""How long it takes to tell what a folder holds: the projects of the tests, and repositories of 100,000 files."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from benchmarks.measuring import Commands, Ratio
from benchmarks.places import CX
from benchmarks.results import Row
from cygni.builder.detect import detect

LIMIT_SECONDS = 0.1
FILES = 100_000
ROUNDS = 5
_CORPUS = Path(__file__).parents[1] / "tests" / "cygni" / "builder" / "detect" / "corpus"

Say = Callable[[str], None]


def measured(folder: Path, commands: Commands, say: Say) -> list[Row]:
    """The slowest of twenty (p95) of the corpus, and repositories of three shapes, each against the limit. The files
    are in the system's cache: a first look at a cold disk takes what the disk takes."""
    folder.mkdir()
    projects = list(_written(folder / "corpus"))
    say(f"detection: {len(projects)} projects")
    each = [statistics.median(_seconds(project)) for project in projects]
    p95 = statistics.quantiles(each, n=20)[-1]
    rows = [_row(f"detection, p95 of {len(projects)} projects", None, [p95])]
    rows.append(
        _row("cx detect --json, from start to end", None, _seconds_of_a_command(commands, projects[0]))
    )
    for shape, write in (("one folder", _flat), ("a workspace", _workspace), ("folders in folders", _deep)):
        say(f"detection: {FILES:,} files in {shape}")
        place = folder / shape.replace(" ", "-")
        write(place)
        rows.append(_row(f"detection, {shape}", FILES, _seconds(place)))
    return rows


def _row(measure: str, size: int | None, seconds: list[float]) -> Row:
    shares = [one / LIMIT_SECONDS for one in seconds]
    middle = statistics.median(seconds)
    found = Ratio(middle, LIMIT_SECONDS, statistics.median(shares), min(shares), max(shares))
    return Row(measure, size, f"{middle * 1000:.1f} ms", f"{LIMIT_SECONDS * 1000:.0f} ms", found, 1.0)


def _seconds(project: Path) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        detect(project)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _seconds_of_a_command(commands: Commands, project: Path) -> list[float]:
    return [commands.run(CX, "detect", project, "--json") for _ in range(ROUNDS)]


def _written(folder: Path) -> Iterator[Path]:
    for file in sorted(_CORPUS.glob("*.yaml")):
        for number, case in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))):
            project = folder / f"{file.stem}-{number}"
            for name, content in case["files"].items():
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            yield project


def _flat(folder: Path) -> None:
    folder.mkdir()
    (folder / "package.json").write_text('{"dependencies": {"express": "4"}}', encoding="utf-8")
    for number in range(FILES - 1):
        (folder / f"{number}.json").touch()


def _workspace(folder: Path) -> None:
    """A thousand packages of a hundred files."""
    folder.mkdir()
    (folder / "package.json").write_text('{"workspaces": ["packages/*", "apps/**"]}', encoding="utf-8")
    for package in range(FILES // 100):
        place = folder / "packages" / f"p{package}" / "src"
        place.mkdir(parents=True)
        text = (
            f'{{"name": "p{package}", "scripts": {{"start": "node ."}}, "dependencies": {{"fastify": "5"}}}}'
        )
        (place.parent / "package.json").write_text(text, encoding="utf-8")
        for number in range(99):
            (place / f"{number}.ts").touch()


def _deep(folder: Path) -> None:
    """Ten folders in each of ten, four times over, and ten files in the last."""
    for number in range(FILES // 10):
        place = folder.joinpath(*f"{number:04}")
        place.mkdir(parents=True)
        for name in range(10):
            (place / f"{name}.py").touch()
