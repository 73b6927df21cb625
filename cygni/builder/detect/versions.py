"""Versions of languages as their many files write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree, mapping, texts

_COMPARED = re.compile(r"(>=|<=|===|==|=|!=|~=|~>|\^|~|>|<)?\s*v?(\d+(?:\.(?:\d+|[xX*]))*)[\w.+-]*")
_NODE_NAMES: Final = {"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14",
                      "gallium": "16", "hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24"}  # fmt: skip
_MISE: Final = ("mise.toml", ".mise.toml", "mise/config.toml", ".config/mise.toml")


def version_named(written: object) -> str | None:
    """The newest version that a range names and admits: `>=3.11,<4` names 3.11, `^18 || ^20` 20, `20.x` 20. None for
    what names none, such as `*` and `latest`."""
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        written = str(written)
    if not isinstance(written, str) or len(written) > 200:
        return None
    named = _NODE_NAMES.get(written.strip().lower().removeprefix("lts/"))
    if named:
        return named
    found = [
        re.sub(r"\.[xX*].*", "", version)
        for operator, version in _COMPARED.findall(written)
        if operator not in ("<", "!=", ">")
    ]
    return max(found, key=lambda version: [int(part) for part in version.split(".")], default=None)


def say_version(draft: Program, written: object, where: str) -> None:
    """Take the version that `written` names, if none was said before."""
    version = version_named(written)
    if version is not None:
        draft.say("language_version", version, f"{where} has {str(written).strip()[:60]}")


def say_pinned(draft: Program, tree: Tree, names: Iterable[str], *files: str) -> None:
    """Take the version of a file that holds nothing else, such as `.nvmrc`, or of asdf's and mise's files, where the
    tool has one of `names`."""
    for file in files:
        lines = [line.strip() for line in (tree.text(file, 4096) or "").splitlines()]
        written = next((line for line in lines if line and not line.startswith("#")), None)
        if written:
            say_version(draft, _without_tool(written), file)
    wanted = set(names)
    for line in (tree.text(".tool-versions", 16_384) or "").splitlines():
        tool, *versions = line.partition("#")[0].split() or [""]
        if tool in wanted and versions:
            say_version(draft, _without_tool(versions[0]), ".tool-versions")
    for file in _MISE:
        if not tree.has(file):
            continue
        for tool, version in mapping(tree.toml(file).get("tools")).items():
            if tool in wanted:
                plain = mapping(version).get("version") or next(iter(texts(version)), version)
                say_version(draft, plain, file)


def _without_tool(written: str) -> str:
    """`ruby-3.3.1`, `pypy3.10-7.3` and `temurin-21.0.2+13` name their tool first."""
    return re.sub(r"^[A-Za-z]+-", "", written)
