"""How values, keys and suggestions are written in a message: short, and never with a raw control character."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LONGEST_VALUE = 60
_LONGEST_LINE = 600
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def quoted(value: Any) -> str:
    """`value` as a person would recognise it: text in quotes and cut short, a mapping or list only named."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            cut = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
            return _escaped(cut)
        case int() | float():
            return f"{value}" if -(10**20) < value < 10**20 else "a huge number"
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
    return f"a value of type {type(value).__name__}"


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def one_line(text: str) -> str:
    """`text` without control characters and cut to what fits a screen: the last guard before it is shown."""
    cut = text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
    return cut if cut.isprintable() else "".join(c if c.isprintable() else _escaped(c)[1:-1] for c in cut)


def shown_path(path: Iterable[str | int]) -> str:
    """`services.web.command[0]`; a key that is not a plain word is quoted: `services["a b"]`."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part) and len(part) <= _LONGEST_VALUE:
            shown += f".{part}" if shown else part
        else:
            shown += f"[{quoted(part)}]"
    return shown


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, if any is near enough."""
    if len(word) > _LONGEST_VALUE:  # difflib is quadratic, and nobody mistypes that much
        return None
    by_text = {name.lower(): name for name in known}
    begun = [name for text, name in by_text.items() if len(word) >= 3 and text.startswith(word.lower())]
    if len(begun) == 1:
        return begun[0]
    matches = difflib.get_close_matches(word.lower(), by_text, n=3, cutoff=0.6)
    matches.sort(key=lambda match: sorted(match) != sorted(word.lower()))  # letters that changed places
    return by_text[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean "port"?`, or nothing when no known word is near."""
    meant = nearest(word, known)
    return f"; did you mean {quoted(meant)}?" if meant else ""


def one_of(values: Iterable[object]) -> str:
    """`a, b or c`."""
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
