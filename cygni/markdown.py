"""Words of Markdown: text that means nothing to it, and tables that fit (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cygni.engine_documents.values import printable


@dataclass(frozen=True, slots=True)
class Flavour:
    """What a place takes: `limit` characters, less some for what is written around, and whether it renders `html`."""

    limit: int
    html: bool = True

    def folded(self, title: str, text: str) -> str:
        """A part that is folded away, or where that cannot be, stands under its title."""
        if self.html:
            return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
        return f"**{title}**\n\n{text}"

    def small(self, text: str) -> str:
        return f"<sub>{text}</sub>" if self.html else text


GITHUB: Final = Flavour(60_000)
"""GitHub takes 65,536 characters in a comment; GitLab takes more, and nobody reads them."""
BITBUCKET: Final = Flavour(30_000, html=False)
"""Bitbucket takes 32,768."""


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
