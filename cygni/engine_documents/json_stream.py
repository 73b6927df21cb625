"""Reading a JSON document a piece at a time, in memory that the largest piece decides and not the document.

The engine writes previews of tens of megabytes, most of which nobody needs: a list in it is handed on entry by entry,
and what was looked at is dropped. Entries are parsed by Python's own scanner, which is written in C.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

from cygni.errors import DocumentError

Read = Callable[[int], bytes]
"""Reads up to so many bytes; none at the end."""

CHUNK: Final = 1 << 20  # bytes
LARGEST: Final = 64 << 20  # characters of one piece: a hundred times what the largest resource has
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_HINT: Final = "Give the whole output of: pulumi preview --json   or of: pulumi stack export"
_NUMBER: Final = re.compile(r"[-+.0-9eE]*")

Path = tuple[str, ...]

ENTRY: Final = "[]"
"""The last part of the path of an entry of a list."""

BEGINS: Final = object()
"""The value of what is handed on piece by piece, before the first one; there may be none."""


class JsonStream:
    """One document, read once from the beginning to the end."""

    def __init__(self, read: Read, name: str, *, largest: int = LARGEST) -> None:
        self._read = read
        self._name = name
        self._largest = largest
        self._decode = codecs.getincrementaldecoder("utf-8")("strict").decode
        # What `json.loads` itself is made of: the value that begins at a place, and where it ends.
        decoder: Any = json.JSONDecoder(parse_constant=_no_constant)
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once
        self._text = ""
        self._at = 0
        self._ended = False
        self.size = 0
        """Bytes read so far."""

    def pieces(self, lists: frozenset[Path]) -> Iterator[tuple[Path, Any]]:
        """Everything in the object that the document is: its values by their path.

        Each entry of a list whose path is in `lists` comes by itself, as does each value of the objects around it;
        such lists and objects are first told with `BEGINS`.
        Raises DocumentError for what is no JSON object, cut off, no UTF-8, or has a piece of more than `largest`.
        """
        around = frozenset(path[:depth] for path in lists for depth in range(1, len(path)))
        if self._next() == "\ufeff":  # a mark that some programs put before UTF-8
            self._at += 1
        if self._next() != "{":
            self._refuse("is not a JSON object" if self._next() else "is empty")
        yield from self._object((), lists, around)
        if self._next():
            self._refuse("goes on after its end")

    def _object(
        self, path: Path, lists: frozenset[Path], around: frozenset[Path]
    ) -> Iterator[tuple[Path, Any]]:
        self._take("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            if self._next() != '"':
                self._refuse("is not JSON")
            here = (*path, self._value())
            self._take(":")
            begins = self._next()
            if here in lists and begins == "[":
                yield here, BEGINS
                for entry in self._entries():
                    yield (*here, ENTRY), entry
            elif here in around and begins == "{":
                yield here, BEGINS
                yield from self._object(here, lists, around)
            else:
                yield here, self._value()
            if self._take(",}") == "}":
                return

    def _entries(self) -> Iterator[Any]:
        self._take("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._take(",]") == "]":
                return

    def _take(self, signs: str) -> str:
        found = self._next()
        if not found or found not in signs:
            self._refuse("is not JSON")
        self._at += 1
        return found

    def _next(self) -> str:
        """The next sign that is no space, left where it is; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill(CHUNK)

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (StopIteration, json.JSONDecodeError):
                if self._ended:
                    self._refuse("is not JSON")
            except RecursionError:
                self._refuse("is nested too deep")
            except ValueError as error:  # a number that Python refuses, or one that is no JSON
                self._refuse(f"is not JSON: {str(error).partition(';')[0]}")
            else:
                if self._ended or not self._may_go_on(end):
                    self._at = end
                    return value
            waiting = len(self._text) - self._at
            if waiting > self._largest:
                self._refuse(f"has a piece of more than {self._largest >> 20} MB")
            self._fill(
                max(CHUNK, waiting)
            )  # twice as much each time, so that it is scanned a few times at most

    def _may_go_on(self, end: int) -> bool:
        """Whether what ends there is a number that may have more digits in what was not read yet."""
        if self._text[self._at] not in "-0123456789":
            return False
        found = _NUMBER.match(self._text, end)
        return found is not None and found.end() == len(self._text)

    def _fill(self, count: int) -> None:
        content = self._read(count)
        self.size += len(content)
        self._ended = not content
        try:
            more = self._decode(content, self._ended)
        except UnicodeDecodeError:
            self._refuse("is not UTF-8 text", "Write it as UTF-8; `>` of older PowerShells writes UTF-16.")
        self._text = self._text[self._at :] + more
        self._at = 0

    def _refuse(self, what: str, hint: str = _HINT) -> NoReturn:
        if what == "is not JSON" and self._ended:
            what = "is not JSON, or is cut off"
        raise DocumentError(f"{self._name} {what}", hint=hint, details={"bytes": self.size})


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
