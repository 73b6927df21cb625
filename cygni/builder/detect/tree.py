"""A folder read within limits, whatever is in it.

Only the folder itself is listed, up to a number of entries; files are looked for by name. No file above a limit is
read, none that is not a plain file, and no link is followed that leads out of the project. What could not be read is
noted once, in the notes that all folders of one detection share.
"""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from cygni.builder.detect import parsing
from cygni.builder.detect.parsing import Element, Unreadable
from cygni.builder.detect.source import uncommented

Read = TypeVar("Read")

LARGEST: Final = 1024 * 1024
"""Bytes of the largest file that is read. Lock files may be larger: only their presence matters."""
_LARGEST_SLOW: Final = 192 * 1024
"""The same for what Python's own parsers are slow at (TOML, YAML, Python)."""
MOST_ENTRIES: Final = 10_000
"""Entries of a folder that are listed; beyond, files are still found by their exact names."""
PASSED_OVER: Final = frozenset({
    "node_modules", "bower_components", "vendor", "venv", "env", "target", "dist", "build", "out", "bin", "obj", "deps",
    "_build", "coverage", "__pycache__", "site-packages", "test", "tests", "spec", "docs", "doc", "examples", "example",
    "fixtures", "testdata",
})  # fmt: skip
"""Folders that hold no member and no entry point."""


class Tree:
    """One folder of a project.

    `below` is its path from the root, with `/`, empty for the root, which is `top`. `cut` is whether it has more
    entries than were listed. `notes` are one list for all folders of a project.
    """

    def __init__(self, root: str, below: str = "", top: Tree | None = None) -> None:
        self.root = root
        self.top = top or self
        self.below = below
        self.path = os.path.join(root, below) if below else root  # noqa: PTH118  # a hundred times a detection
        self.notes: list[str] = top.notes if top else []
        self.cut = False
        self.real_root: str = top.real_root if top else os.path.realpath(root)
        self._by_ending: dict[str, list[str]] | None = None
        self._listed: tuple[frozenset[str], frozenset[str]] | None = None
        self._read: dict[tuple[str, str], Any] = {}

    def at(self, below: str) -> Tree:
        """The folder at a path from this one."""
        parts = [part for part in f"{self.below}/{below}".split("/") if part not in ("", ".")]
        return Tree(self.root, "/".join(parts), self.top)

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def files(self) -> frozenset[str]:
        return self._list()[0]

    @property
    def folders(self) -> frozenset[str]:
        return self._list()[1]

    def _list(self) -> tuple[frozenset[str], frozenset[str]]:
        if self._listed is None:
            files: set[str] = set()
            folders: set[str] = set()
            try:
                with os.scandir(self.path) as found:
                    for number, entry in enumerate(found):
                        if number >= MOST_ENTRIES:
                            self.cut = True
                            self.note(f"{self.below or 'the folder'} has more than {MOST_ENTRIES:,} entries")
                            break
                        link = entry.is_symlink()
                        if link and not self._inside(entry.path):
                            continue
                        # What a link to a folder leads to is listed where it is; one that leads nowhere is nothing.
                        if entry.is_dir(follow_symlinks=False):
                            folders.add(entry.name)
                        elif not link or os.path.isfile(entry.path):  # noqa: PTH113
                            files.add(entry.name)
            except OSError as error:
                self.note(f"{self.below or 'the folder'} cannot be listed: {error.strerror}")
            self._listed = frozenset(files), frozenset(folders)
        return self._listed

    def _inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self.real_root or real.startswith(self.real_root + os.sep)

    def has(self, path: str) -> bool:
        """Whether a plain file is there."""
        first, inner, _ = path.partition("/")
        if not inner and first in self.files:
            return True
        if first not in self.folders and not self.cut:
            return False
        full = os.path.join(self.path, path)  # noqa: PTH118
        return os.path.isfile(full) and self._inside(full)  # noqa: PTH113

    def has_folder(self, path: str) -> bool:
        """Whether a folder is there, and no link to one."""
        full = os.path.join(self.path, path)  # noqa: PTH118
        here = os.path.join(self.real_root, self.below, path)  # noqa: PTH118
        return os.path.isdir(full) and os.path.realpath(full) == os.path.normpath(here)  # noqa: PTH112

    def first(self, *paths: str) -> str | None:
        """The first of these files that is there."""
        return next((path for path in paths if self.has(path)), None)

    def like(self, *patterns: str) -> list[str]:
        """Files of this folder whose names fit a shell pattern that ends in a plain ending, in order of their names."""
        if self._by_ending is None:
            self._by_ending = {}
            for name in self.files:
                self._by_ending.setdefault(name.rpartition(".")[2], []).append(name)
        found: set[str] = set()
        for pattern in patterns:
            start, _, ending = pattern.rpartition(".")
            names = self._by_ending.get(ending, [])
            found.update(names if start == "*" else fnmatch.filter(names, pattern))
        return sorted(found)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def text(self, path: str, largest: int = LARGEST) -> str | None:
        """The text of a file; None where there is none or it cannot be read."""
        return self._once("text", path, lambda: self._text(path, largest))

    def head(self, path: str, size: int = 512) -> str:
        """How a file begins, however large it is."""
        full = os.path.join(self.path, path)  # noqa: PTH118
        try:
            if not os.path.isfile(full) or not self._inside(full):  # noqa: PTH113
                return ""
            with open(full, "rb") as file:  # noqa: PTH123
                return file.read(size).decode("utf-8", "replace")
        except OSError:
            return ""

    def json(self, path: str) -> Mapping[str, Any]:
        """A JSON object; empty where there is none."""
        return self._mapping("json", path, LARGEST, parsing.parse_json)

    def json_with_comments(self, path: str) -> Mapping[str, Any]:
        return self._mapping("jsonc", path, LARGEST, parsing.parse_json_with_comments)

    def json5(self, path: str) -> Mapping[str, Any]:
        return self._mapping("json5", path, LARGEST, parsing.parse_json5)

    def toml(self, path: str) -> Mapping[str, Any]:
        return self._mapping("toml", path, _LARGEST_SLOW, parsing.parse_toml)

    def yaml(self, path: str) -> Mapping[str, Any]:
        return self._mapping("yaml", path, _LARGEST_SLOW, parsing.parse_yaml)

    def xml(self, path: str) -> Element | None:
        return self._parsed("xml", path, LARGEST, parsing.parse_xml)

    def python(self, path: str) -> ast.Module | None:
        return self._parsed("python", path, _LARGEST_SLOW, parsing.parse_python)

    def code(self, path: str, style: re.Pattern[str]) -> str:
        """The text of a program without its comments; empty where there is none."""
        return self._once("code", path, lambda: uncommented(self.text(path) or "", style))

    def _mapping(self, form: str, path: str, largest: int, parse: Callable[[str], Any]) -> Mapping[str, Any]:
        found = self._parsed(form, path, largest, parse)
        if found is not None and not isinstance(found, Mapping):
            self.note(f"{self._shown(path)} is not a mapping of names to values")
        return found if isinstance(found, Mapping) else {}

    def _parsed(self, form: str, path: str, largest: int, parse: Callable[[str], Read]) -> Read | None:
        def read() -> Read | None:
            text = self.text(path, largest)
            if text is None:
                return None
            try:
                return parse(text)
            except Unreadable as error:
                self.note(f"{self._shown(path)} {error}")
                return None

        return self._once(form, path, read)

    def _once(self, form: str, path: str, read: Callable[[], Read]) -> Read:
        key = (form, path)
        if key not in self._read:
            self._read[key] = read()
        found: Read = self._read[key]
        return found

    def _text(self, path: str, largest: int) -> str | None:
        first = path.partition("/")[0]
        if first not in self.files and first not in self.folders and not self.cut:
            return None
        full = os.path.join(self.path, path)  # noqa: PTH118
        try:
            found = os.stat(full)  # noqa: PTH116
            if not stat.S_ISREG(found.st_mode):
                return None
            if not self._inside(full):
                self.note(f"{self._shown(path)} is a link that leads out of the folder")
                return None
            if found.st_size > largest:
                self.note(f"{self._shown(path)} has {found.st_size:,} bytes; not read above {largest:,}")
                return None
            with open(full, "rb") as file:  # noqa: PTH123
                content = file.read(largest + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.note(f"{self._shown(path)} cannot be read: {error.strerror}")
            return None
        return self._decoded(path, content)

    def _decoded(self, path: str, content: bytes) -> str | None:
        # Windows PowerShell writes UTF-16 with `pip freeze > requirements.txt`.
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        try:
            text = content.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError:
            self.note(f"{self._shown(path)} is not UTF-8 text")
            return None
        return text.replace("\r\n", "\n")

    def _shown(self, path: str) -> str:
        return f"{self.below}/{path}" if self.below else path


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` where it is a mapping, else an empty one: manifests hold anything."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> Sequence[str]:
    """The texts of a list, or of one text."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, Sequence) else []


def word(value: Any) -> str | None:
    """`value` where it is a text that is not empty."""
    return value.strip() or None if isinstance(value, str) else None
