"""Which versions of the Pulumi engine Cygni works with, and what version a given executable is."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from stacks.engine_process import run

_PATTERN = re.compile(r"^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$")
_ASK_SECONDS = 15.0
_PATIENCE_SECONDS = 2.0
"""A healthy engine answers in half a second, or a little later from a cold disk; then somebody is told."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version; a pre-release sorts before its release."""

    major: int
    minor: int
    patch: int
    released: bool = True
    label: str = ""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The version written in the first line that holds nothing else, if there is one.

        Warnings around it are passed over: the engine prints them to the same terminal.
        """
        for line in text.splitlines():
            if match := _PATTERN.match(line.strip()):
                major, minor, patch, label = match.groups()
                return cls(int(major), int(minor), int(patch), label is None, label or "")
        return None

    @property
    def compatible(self) -> bool:
        """At least the pinned version, and of its major: plans and events are read in that version's form."""
        return self.major == MINIMUM.major and self >= MINIMUM

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{self.label}"


MINIMUM = Version(3, 255, 0)
PINNED = str(MINIMUM)
"""The version that is downloaded or built; `engine/go.mod` pins the same one."""

WANTED = f"{MINIMUM} or newer, below {MINIMUM.major + 1}"


class NotAnEngine(Exception):
    """The executable did not answer `version` with a version; the text says what it did instead."""


def ask(
    executable: Path,
    environ: Mapping[str, str],
    *,
    timeout: float = _ASK_SECONDS,
    on_wait: Callable[[float], None] = lambda seconds: None,
) -> str:
    """What `executable version` prints. Raises NotAnEngine when it cannot be run, fails or hangs.

    `on_wait` hears how many seconds it has been waited for, again and again, once that is longer than usual.
    """
    begun = time.monotonic()

    def on_tick() -> bool:
        waited = time.monotonic() - begun
        if waited >= _PATIENCE_SECONDS:
            on_wait(waited)
        return False

    try:
        finished = run([str(executable), "version"], env=_quiet(environ), timeout=timeout, on_tick=on_tick)
    except OSError as error:
        raise NotAnEngine(f"cannot be run: {error.strerror or error}") from error
    if finished.timed_out:
        raise NotAnEngine(f"did not answer `version` within {timeout:.0f} s")
    if finished.code != 0:
        said = f": {finished.output[-1].strip()[:200]}" if finished.output else ""
        raise NotAnEngine(f"`version` ended with code {finished.code}{said}")
    return "\n".join(finished.output)


def _quiet(environ: Mapping[str, str]) -> dict[str, str]:
    return {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}


class VersionMemory:
    """Remembers the version of each executable, since asking takes half a second and the answer rarely changes.

    An answer holds as long as the file's size and modification time do. Scripts, and links to a file of
    another name, are asked each time: version managers put such in front of a program that they exchange.
    """

    def __init__(self, file: Path, asker: Callable[[Path], str]):
        self._file = file
        self._ask = asker

    def version(self, executable: Path) -> Version:
        """The executable's version. Raises NotAnEngine when it has none."""
        key = self._key(executable)
        known = self._read()
        if key is not None and known.get(str(executable), {}).get("key") == key:
            remembered = Version.parse(str(known[str(executable)].get("version", "")))
            if remembered is not None:
                return remembered
        version = Version.parse(answer := self._ask(executable))
        if version is None:
            raise NotAnEngine(f"answered `version` with {answer.strip()[:80]!r}")
        if key is not None:
            # Entries of files that are gone (a build's work folder) go with the next one.
            kept = {path: entry for path, entry in known.items() if Path(path).exists()}
            self._write({**kept, str(executable): {"key": key, "version": str(version)}})
        return version

    @staticmethod
    def _key(executable: Path) -> list[int] | None:
        try:
            real = executable.resolve()
            with real.open("rb") as opened:
                if opened.read(2) == b"#!" or real.name != executable.name:
                    return None
            found = real.stat()
        except OSError:
            return None
        return [found.st_size, found.st_mtime_ns, found.st_ino]

    def _read(self) -> dict[str, dict[str, object]]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {path: entry for path, entry in content.items() if isinstance(entry, dict)}

    def _write(self, content: Mapping[str, object]) -> None:
        # Only a memory: where it cannot be kept, the engine is asked again next time.
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".versions-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as opened:
                    json.dump(content, opened)
                Path(name).replace(self._file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
