"""Taking out of what is kept and shown every secret value that is known, and what PostgreSQL does not keep (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

HIDDEN = "[secret]"
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")
"""NUL and halves of characters, which programs may write: jsonb refuses the whole document for one of them."""
_IN_ITS_PLACE = "\N{REPLACEMENT CHARACTER}"
_FIELD = re.compile(r"[a-z_]+")
_SHORTEST = 4
"""Characters: what is shorter is a part of too many words to be told from them."""


class Redactor:
    """Hides `values`, also line by line, and as JSON writes them into text."""

    def __init__(self, values: Iterable[str]) -> None:
        spelled = {form for value in values for form in _spellings(value) if len(form) >= _SHORTEST}
        longest_first = sorted(spelled, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if spelled else None

    def text(self, text: str) -> str:
        shown = self._pattern.sub(HIDDEN, text) if self._pattern else text
        return _NOT_KEPT.sub(_IN_ITS_PLACE, shown)

    def _name(self, name: str) -> str:
        """Those of fields are ours, and are no less what they are where a secret is such a word."""
        return name if _FIELD.fullmatch(name) else self.text(name)

    def value(self, value: Any) -> Any:
        """A JSON value, with all text in it, names too but for those of fields."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._name(str(name)): self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value


def _spellings(value: str) -> Iterable[str]:
    for one in (value, value.strip(), *value.splitlines()):
        yield one
        yield json.dumps(one)[1:-1]
        yield json.dumps(one, ensure_ascii=False)[1:-1]
