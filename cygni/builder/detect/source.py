"""Program text without its comments (pure). Strings stay, so that what is quoted is never taken for a comment."""

from __future__ import annotations

import re
from typing import Final

_DOUBLE = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
_BACKTICK = r"`(?:\\.|[^`\\])*`"
_TRIPLE = r'"""(?:\\.|[^\\])*?"""'
_SLASHES = r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.DOTALL)


JAVASCRIPT: Final = _pattern(_DOUBLE, _SINGLE, _BACKTICK, _SLASHES)
GO: Final = _pattern(_DOUBLE, r"'(?:\\.|[^'\\\n])+'", r"`[^`]*`", _SLASHES)
C_LIKE: Final = _pattern(_TRIPLE, _DOUBLE, r"'(?:\\.|[^'\\\n])*'", _SLASHES)
"""C++, C#, Dart, Groovy, Java, Kotlin, Scala, Swift."""
RUST: Final = _pattern(_DOUBLE, r"'(?:\\.|[^'\\\n])'", _SLASHES)
"""A lone apostrophe is a lifetime there."""
ZIG: Final = _pattern(_DOUBLE, r"(?P<comment>//[^\n]*)")
HASH: Final = _pattern(_DOUBLE, _SINGLE, r"(?P<comment>(?:(?<=\s)|(?<![^\n]))#(?!\{)[^\n]*)")
"""Ruby, Elixir, Crystal, shells."""
PHP: Final = _pattern(_DOUBLE, _SINGLE, r"(?P<comment>//[^\n]*|#(?!\[)[^\n]*|/\*.*?(?:\*/|\Z))")
LISP: Final = _pattern(r'"(?:\\.|[^"\\])*"', r"(?P<comment>;[^\n]*|#_\s*\[[^\]]*\])")
HASKELL: Final = _pattern(_DOUBLE, r"(?P<comment>--[^\n]*|\{-.*?(?:-\}|\Z))")
ML: Final = _pattern(_DOUBLE, r"(?P<comment>//[^\n]*|\(\*.*?(?:\*\)|\Z))")
"""F#."""
XML_LIKE: Final = _pattern(r"(?P<comment><!--.*?(?:-->|\Z))")


def uncommented(text: str, style: re.Pattern[str]) -> str:
    """`text` with a space for each comment; line ends inside of comments are lost."""
    return style.sub(lambda found: " " if found["comment"] is not None else found[0], text)
