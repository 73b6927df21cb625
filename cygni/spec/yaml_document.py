"""YAML text to plain data, with the line and column of every key and value.

What is read is a small, safe part of YAML: one document of mappings, lists and plain scalars, as YAML 1.2
reads them. Anchors, aliases, merge keys and tags are refused, so nothing can expand or construct anything.
Values that tools disagree on (`yes`, `012`, `1:30`, a date) stay text, and `Document.ambiguous` says why.
The parser's events are walked with a stack of our own, so nesting cannot exhaust Python's, and the walk ends
as soon as a limit is passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from cygni.spec.section import Path
from cygni.wording import quoted

MAX_DEPTH: Final = 50
MAX_NODES: Final = 10_000
BOOLEAN_IN_YAML_1_1: Final = "true or false to YAML 1.1, and text to YAML 1.2"


class Position(NamedTuple):
    """Where something is in the text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the file, and what would be right."""

    position: Position
    path: Path
    message: str
    hint: str | None = None


@dataclass(slots=True)
class Document:
    """Plain data, and where each part of it was written.

    `keys` and `values` map a path to the position of its key and of its value; `written` maps the path of a
    scalar to its text as written, `ambiguous` to how other YAML readers take it. `problems` were found on the
    way; `data` leaves out the values they are about, which are `refused`; `complete` is False when reading
    could not go on.
    """

    data: Any = None
    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    ambiguous: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[Path] = field(default_factory=set)
    complete: bool = True
    empty: bool = True


def read_document(text: str, *, most: int = MAX_NODES) -> Document:
    """Never raises: what is wrong is in `Document.problems`. `most` is how many values there may be."""
    document = Document()
    reader = _Reader(document, most)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except _Stop as stop:
        document.problems.append(stop.problem)
        document.complete = False
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(error))
        document.complete = False
    except yaml.reader.ReaderError as error:
        document.problems.append(_unprintable_problem(text, error))
        document.complete = False
    except (ValueError, OverflowError):  # the scanner's own int() and chr() of an absurd escape or directive
        document.problems.append(
            Problem(reader.last, (), "is not valid YAML", "look at the escapes after it")
        )
        document.complete = False
    return document


class _Stop(Exception):
    def __init__(self, problem: Problem):
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end was not yet seen.

    `key` is a mapping's pending key; `kept` is False below a value that was refused, which is read only for
    further problems.
    """

    path: Path
    container: dict[str, Any] | list[Any]
    kept: bool
    key: str | None = None
    key_kept: bool = True


class _Reader:
    """Takes the parser's events one by one and builds a `Document`."""

    def __init__(self, document: Document, most: int):
        self.document = document
        self.most = most
        self.stack: list[_Open] = []
        self.nodes = 0
        self.last = Position(1, 1)

    def take(self, event: yaml.Event) -> None:
        self.last = position = _position(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                if self.nodes:
                    hint = "remove the `---` and what follows, or keep it in a file of its own"
                    raise _Stop(Problem(position, (), "holds a second YAML document", hint))
            case yaml.AliasEvent():
                self._node(position)
                self._alias(event.anchor or "", position)
            case yaml.ScalarEvent():
                self._node(position)
                self._scalar(event, position)
            case yaml.MappingStartEvent():
                self._node(position)
                self._start({}, event, position)
            case yaml.SequenceStartEvent():
                self._node(position)
                self._start([], event, position)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()

    def _node(self, position: Position) -> None:
        self.nodes += 1
        if self.nodes > self.most:
            message = f"holds more than {self.most:,} values"
            raise _Stop(Problem(position, (), message, "split the project into several"))

    def _problem(self, position: Position, path: Path, message: str, hint: str) -> None:
        self.document.problems.append(Problem(position, path, message, hint))

    @property
    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].container, dict) and self.stack[-1].key is None

    def _value_path(self) -> Path:
        """The path of the value that comes next."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        return (*top.path, len(top.container) if top.key is None else top.key)

    def _alias(self, anchor: str, position: Position) -> None:
        hint = (
            "write the value out; in cygni.yaml, what differs between environments goes under `environments:`"
        )
        message = f"is an alias ({quoted('*' + anchor)}), which Cygni does not read"
        if self._awaits_key:
            raise _Stop(Problem(position, self.stack[-1].path, message, hint))
        self._problem(position, self._value_path(), message, hint)
        self._put(None, position, kept=False)

    def _scalar(self, event: yaml.ScalarEvent, position: Position) -> None:
        text, plain = _paired(event.value), event.style is None
        path = self.stack[-1].path if self._awaits_key else self._value_path()
        kept = self._undecorated(event, path, position)
        if not text.isprintable() and (fault := _UNWRITABLE.search(text)):
            hint = "remove it: no name, path or environment variable can hold it"
            self._problem(position, path, f"holds the character U+{ord(fault[0]):04X}", hint)
            kept = False
        if self._awaits_key:
            self._key(text, position, kept)
            return
        value, ambiguous = _plain_value(text) if plain else (text, None)
        if kept and self._kept:
            self.document.written[path] = text
            if ambiguous:
                self.document.ambiguous[path] = ambiguous
        self._put(value, position, kept=kept)

    def _key(self, key: str, position: Position, kept: bool) -> None:
        top = self.stack[-1]
        assert isinstance(top.container, dict)
        path = (*top.path, key)
        if key == "<<":
            hint = "merge keys are not read: write the values out, or use `environments:` for what differs"
            self._problem(position, path, "is a merge key", hint)
            kept = False
        elif not key:
            self._problem(position, top.path, "has a key that is empty", "write `key: value`")
            kept = False
        elif key in top.container and top.kept:
            first = self.document.keys[path]
            message = f"appears twice; the first is at {first.line}:{first.column}"
            self._problem(position, path, message, "keep one of the two")
            kept = False
        top.key, top.key_kept = key, kept
        if kept and top.kept:
            self.document.keys[path] = position
            top.container[key] = None  # so that a second one is seen, even if this one's value is refused

    def _start(
        self, container: dict[str, Any] | list[Any], event: yaml.CollectionStartEvent, position: Position
    ) -> None:
        if self._awaits_key:
            hint = "a key is a plain word; text that starts with `{` or `[` needs quotes"
            raise _Stop(Problem(position, self.stack[-1].path, "has a key that is a mapping or a list", hint))
        if len(self.stack) >= MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep"
            raise _Stop(Problem(position, (), message, "nothing in cygni.yaml is deeper than 6"))
        path = self._value_path()
        kept = self._undecorated(event, path, position)
        below = kept and self._kept
        self._put(container, position, kept=kept)
        self.stack.append(_Open(path, container, below))

    @property
    def _kept(self) -> bool:
        return not self.stack or (self.stack[-1].kept and self.stack[-1].key_kept)

    def _put(self, value: Any, position: Position, *, kept: bool) -> None:
        path = self._value_path()
        if kept and self._kept:
            self.document.values[path] = position
        elif self._kept:
            self.document.refused.add(path)
        if not self.stack:
            self.document.empty = value is None
            self.document.data = value if kept else None
            return
        top = self.stack[-1]
        if isinstance(top.container, list):
            top.container.append(value if kept else None)  # a refused one keeps its place
            return
        assert top.key is not None
        if self._kept:
            if kept:
                top.container[top.key] = value
            else:
                del top.container[top.key]
        top.key, top.key_kept = None, True

    def _undecorated(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path, position: Position
    ) -> bool:
        """Whether a value has neither anchor nor tag; each is a problem."""
        if event.anchor is not None:
            hint = "anchors and aliases are not read: write the value out where it is needed"
            self._problem(position, path, f"has an anchor ({quoted('&' + event.anchor)})", hint)
        if event.tag is not None:
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            hint = "only plain values are read: remove the tag, and put text in quotes"
            self._problem(position, path, f"has a tag ({quoted(tag)})", hint)
        return event.anchor is None and event.tag is None


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_AMBIGUOUS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"y|n|yes|no|on|off", re.IGNORECASE), BOOLEAN_IN_YAML_1_1),
    (re.compile(r"[-+]?0[0-9_]+"), "a number with a leading zero, which YAML 1.1 reads as octal"),
    (re.compile(r"[-+]?0[xob][0-9a-fA-F_]+"), "a number that is not decimal"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), "a number to the base of 60 in YAML 1.1"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*"), "a number with `_` in it, which only YAML 1.1 reads"),
    (re.compile(r"[-+]?[0-9]{19,}"), "a number with too many digits"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "a date in YAML 1.1"),
)


def _plain_value(text: str) -> tuple[Any, str | None]:
    """What YAML 1.2 makes of a plain scalar; and why it stays text, when other readers make more of it."""
    match text:
        case "" | "~" | "null" | "Null" | "NULL":
            return None, None
        case "true" | "True" | "TRUE":
            return True, None
        case "false" | "False" | "FALSE":
            return False, None
    if _INTEGER.fullmatch(text):
        return int(text), None
    for pattern, why in _AMBIGUOUS:
        if pattern.fullmatch(text):
            return text, why
    return (float(text), None) if _FLOAT.fullmatch(text) else (text, None)


def _paired(text: str) -> str:
    """`text` with the surrogate pairs that JSON writes as two escapes joined, where that is all there is."""
    if text.isprintable():
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text


def _position(mark: yaml.Mark | Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(part for part in (error.context, error.problem) if part) or "cannot be read"
    hint = "check the indentation, the quotes, and the colons after keys"
    if "\\t" in said:
        hint = "indent with spaces: YAML allows no tabs there"
    elif "mapping values are not allowed" in said:
        hint = "check the indentation, and put text that holds `: ` in quotes"
    return Problem(_position(mark) if mark else Position(1, 1), (), f"is not valid YAML: {said}", hint)


def position_of(text: str, index: int) -> Position:
    """The line and column of the character at `index`."""
    before = text[:index]
    return Position(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _unprintable_problem(text: str, error: yaml.reader.ReaderError) -> Problem:
    message = f"holds the character U+{int(error.character):04X}, which YAML does not allow"
    hint = "remove it; is this a text file?"
    return Problem(position_of(text, error.position), (), message, hint)
