"""Files that say outright how a program is built and started: Procfile, Dockerfile, Aptfile."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from cygni.builder.detect.tree import Tree

_PROCESS = re.compile(r"([A-Za-z0-9_-]+)\s*:\s*(\S.*)")
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_LANGUAGES: Final = {
    "python": "python", "node": "node", "golang": "go", "rust": "rust", "ruby": "ruby", "php": "php",
    "oven/bun": "node", "denoland/deno": "deno", "eclipse-temurin": "java", "amazoncorretto": "java",
    "openjdk": "java", "elixir": "elixir", "swift": "swift", "dart": "dart", "crystallang/crystal": "crystal",
    "haskell": "haskell", "clojure": "clojure",
}  # fmt: skip
"""Official images of a language, by their name without registry."""


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What the last stage of a Dockerfile says. `start` is its ENTRYPOINT and CMD as one line for a shell. `from_root`
    is whether it copies its own folder by the path from the project's root, and so is built from there."""

    path: str
    start: str | None = None
    port: int | None = None
    language: str | None = None
    language_version: str | None = None
    from_root: bool = False


@dataclass(slots=True)
class _Stage:
    base: str
    entrypoint: list[str] | str | None = None
    command: list[str] | str | None = None
    ports: list[int] = field(default_factory=list)


def procfile(tree: Tree) -> dict[str, str]:
    """The processes of a Procfile in the order they are written; of a name that is written twice the first."""
    found: dict[str, str] = {}
    for line in (tree.text("Procfile", 65_536) or "").splitlines():
        if not line.lstrip().startswith("#") and (process := _PROCESS.fullmatch(line.strip())):
            found.setdefault(process[1], process[2].strip())
    return found


def dockerfile(tree: Tree) -> Dockerfile | None:
    """The Dockerfile of the folder, read as far as it is plain: variables of its own stay unknown."""
    path = tree.first("Dockerfile", "Containerfile")
    if path is None:
        return None
    stages: dict[str, _Stage] = {}
    last: _Stage | None = None
    instructions = _instructions(tree.text(path) or "")
    for name, rest in instructions:
        if name == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            if not words:
                continue
            before = stages.get(words[0].lower())
            # A stage that is made from another one has its commands.
            last = (
                _Stage(before.base, before.entrypoint, before.command, list(before.ports))
                if before
                else _Stage(words[0])
            )
            if len(words) >= 3 and words[1].lower() == "as":
                stages[words[2].lower()] = last
        elif last is not None:
            _take(last, name, rest)
    if last is None:
        return Dockerfile(path)
    language, version = _of_image(last.base)
    if language is None:  # programs that are compiled end in an image that knows nothing of their language
        language, version = next(
            (found for stage in stages.values() if (found := _of_image(stage.base))[0]), (None, None)
        )
    from_root = bool(tree.below) and any(_copies(tree.below, name, rest) for name, rest in instructions)
    return Dockerfile(path, _started(last), next(iter(last.ports), None), language, version, from_root)


def aptfile(tree: Tree) -> list[str]:
    """The packages of an Aptfile or apt.txt."""
    lines = (tree.text(tree.first("Aptfile", "apt.txt") or "Aptfile", 65_536) or "").splitlines()
    plain = [line.partition("#")[0].strip() for line in lines]
    return [line for line in plain if re.fullmatch(r"[a-z0-9][a-z0-9.+:-]*", line)]


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    found = [_INSTRUCTION.fullmatch(line) for line in joined.splitlines()]
    return [(one[1].upper(), one[2].strip()) for one in found if one]


def _copies(folder: str, name: str, rest: str) -> bool:
    if name not in ("COPY", "ADD") or "--from=" in rest:
        return False
    sources = re.findall(r"""[^\s"',\[\]]+""", rest)[:-1]
    return any(PurePosixPath(source).is_relative_to(folder) for source in sources)


def _take(stage: _Stage, name: str, rest: str) -> None:
    if name == "EXPOSE":
        stage.ports += [int(port) for port in re.findall(r"(?:^|\s)(\d{1,5})(?:/tcp)?(?=\s|$)", rest)]
    elif name == "ENTRYPOINT":
        stage.entrypoint, stage.command = _words(rest), None
    elif name == "CMD":
        stage.command = _words(rest)


def _words(written: str) -> list[str] | str:
    """The words of the JSON form, or the line of the shell form."""
    if written.startswith("["):
        try:
            words = json.loads(written)
        except (ValueError, RecursionError):
            return written
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return words
    return written


def _started(stage: _Stage) -> str | None:
    if isinstance(stage.entrypoint, str):
        return stage.entrypoint  # the shell form ignores CMD
    parts = [stage.entrypoint or [], stage.command or []]
    if not parts[0] and isinstance(parts[1], str):
        return parts[1]
    words = [word for part in parts for word in (part if isinstance(part, list) else ["/bin/sh", "-c", part])]
    return shlex.join(words) or None


def _of_image(image: str) -> tuple[str | None, str | None]:
    name, _, tag = image.partition("@")[0].partition(":")
    plain = re.sub(r"^([\w.-]+\.[\w.-]+(?::\d+)?/)?(docker/)?(library/)?", "", name)
    version = re.match(r"v?(\d+(?:\.\d+)*)", tag)
    language = _LANGUAGES.get(plain)
    return language, version[1] if language and version else None
