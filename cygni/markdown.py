"""Words of Markdown: text that means nothing to it, and tables that fit (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cygni.engine_documents.values import printable


def fitting(lines: Sequence[str], limit: int) -> tuple[Sequence[str], int]:
    """The first lines that have at most `limit` characters together, and how many are left."""
    used = 0
    for index, line in enumerate(lines):
        used += len(line) + 1
        if used > limit:
            return lines[:index], len(lines) - index
    return lines, 0


def code(text: str) -> str:
    """Text in one line as code."""
    return "`" + _flat(text).replace("`", "'").replace("|", r"\|") + "`"


def escaped(text: str) -> str:
    """Text in one line that means nothing to Markdown or HTML, and calls nobody by name."""
    return re.sub(r"[&<>|`*_\[\]\\~#@]", lambda found: f"&#{ord(found[0])};", _flat(text))


def _flat(text: str) -> str:
    return printable(" ".join(text.split()))
