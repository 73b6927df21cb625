"""Text to data: JSON with and without comments, TOML, YAML, XML, Python's syntax tree. Pure.

Manifests come from anybody: nothing expands (no YAML alias, no XML entity), nothing is constructed, and what is
nested too deep is unreadable like any other mistake.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass, field
from typing import Any, Final

from cygni.builder.detect.source import JAVASCRIPT, uncommented

_DEEPEST: Final = 60
_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


class Unreadable(ValueError):
    """Why a manifest says nothing, in a few words."""


def parse_json(text: str) -> Any:
    """Raises Unreadable."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is not valid JSON: {_said(error)}") from error


def parse_json_with_comments(text: str) -> Any:
    """JSON as editors and Deno take it: with comments and trailing commas. Raises Unreadable."""
    return parse_json(_TRAILING_COMMA.sub(lambda found: found[1] or "", uncommented(text, JAVASCRIPT)))


_JSON5 = re.compile(
    r"""("(?:\\.|[^"\\])*")|'((?:\\.|[^'\\])*)'|([{,]\s*)([A-Za-z_$][\w$]*)(?=\s*:)""", re.DOTALL
)


def parse_json5(text: str) -> Any:
    """JSON5 as manifests are written in it: keys without quotes, texts in single ones. Raises Unreadable."""

    def plain(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        return json.dumps(found[2]) if found[2] is not None else f'{found[3]}"{found[4]}"'

    return parse_json_with_comments(_JSON5.sub(plain, uncommented(text, JAVASCRIPT)))


def parse_toml(text: str) -> Any:
    """Raises Unreadable."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is not valid TOML: {_said(error)}") from error


def parse_yaml(text: str) -> Any:
    """The first document. Raises Unreadable, also for anchors that are used and for nesting nobody writes."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable("uses YAML aliases, which are not followed")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise Unreadable("is nested too deep")
        return next(yaml.load_all(text, Loader=loader), None)  # a safe loader, either way
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"is not valid YAML: {_said(error)}") from error


@dataclass(slots=True)
class Element:
    """An element of XML; names have no namespace prefix taken away."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, path: str) -> list[Element]:
        """The elements at `a/b/c` below this one."""
        found = [self]
        for step in path.split("/"):
            found = [child for element in found for child in element.children if child.name == step]
        return found

    def first(self, path: str) -> str | None:
        """The text of the first element at `path`, without space around it."""
        for element in self.all(path):
            return element.text.strip() or None
        return None


def parse_xml(text: str) -> Element:
    """The root element. A document type is refused, and with it every entity of a file's own. Raises Unreadable."""
    from xml.parsers import expat  # no DOCTYPE gets through, so that nothing can expand or be fetched

    top = Element("")
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise Unreadable("is nested too deep")
        element = Element(name, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def data(piece: str) -> None:
        stack[-1].text += piece

    def refuse(*_: Any) -> None:
        raise Unreadable("has a DOCTYPE, which is not read")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    try:
        # As text, so that the encoding of the file's own declaration does not matter any more.
        parser.Parse(re.sub(r"\A\s*<\?xml[^>]*\?>", "", text).encode(), True)
    except expat.ExpatError as error:
        raise Unreadable(f"is not valid XML: {error}") from error
    return top.children[0]


def parse_python(text: str) -> ast.Module:
    """Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the program's own mistakes, such as "\d"
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"is not Python of this version: {_said(error)}") from error


def _said(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return " ".join(str(error).split())[:160]
