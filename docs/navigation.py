"""The navigation of the site, read from the page that lists all others: docs/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_LINK = re.compile(r"^\| \[([^]]+)\]\(([^)#]+)\.md\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the list, and below it what is read: titles with the pages' paths, without `.md`."""

    title: str
    pages: tuple[tuple[str, str], ...]


def sections(text: str) -> Iterator[Section]:
    """The sections of the list: each heading of the second level with a table whose rows begin with a link."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, *lines = part.splitlines()
        links = (_LINK.match(line) for line in lines)
        if pages := tuple((found[1], found[2]) for found in links if found):
            yield Section(title, pages)


def toctrees(text: str, folder: str) -> str:
    """What makes the list in `folder` the navigation of the whole site: MyST's directives, which show nothing."""
    return "".join(
        _toctree(
            f":caption: {one.title}", *(f"{title} <{_below(folder, page)}>" for title, page in one.pages)
        )
        for one in sections(text)
    )


def toctree_of(pattern: str) -> str:
    """The pages that fit a pattern, below the page this is added to, in the order of their names."""
    return _toctree(":glob:", pattern)


def _toctree(option: str, *pages: str) -> str:
    return "\n".join(["\n```{toctree}", ":hidden:", option, "", *pages, "```\n"])


def _below(folder: str, page: str) -> str:
    """The path of a page as Sphinx names it: from the root, without steps upwards."""
    parts: list[str] = []
    for part in PurePosixPath(folder, page).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/" + "/".join(parts)
