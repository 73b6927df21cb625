"""Which AWS resource types carry tags, from the AWS SDK for Pulumi that Cygni is pinned to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("taggable_types.txt")

_TOKEN: Final = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'(aws:[^']+)'")
_TAGS: Final = re.compile(r"^\s+tags: .*Mapping\[str", re.MULTILINE)


class TaggableTypes(Collection[str]):
    """The type tokens whose `tags` are a mapping of texts. The file is read when one is asked for."""

    @cached_property
    def _tokens(self) -> frozenset[str]:
        return frozenset(FILE.read_text(encoding="utf-8").split())

    def __contains__(self, token: object) -> bool:
        return token in self._tokens

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __len__(self) -> int:
        return len(self._tokens)


TAGGABLE_TYPES: Final = TaggableTypes()


def published() -> str:
    """The content of `FILE` as the installed SDK has it, read without importing it: that takes seconds."""
    sdk = find_spec("pulumi_aws")
    assert sdk is not None
    assert sdk.origin is not None
    found = {token for path in Path(sdk.origin).parent.rglob("*.py") for token in _taggable_in(path)}
    return "\n".join(sorted(found)) + "\n"


def _taggable_in(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    arguments = text.partition("def _internal_init")[2]
    token = _TOKEN.search(arguments)
    return {token[1]} if token and _TAGS.search(arguments[: token.start()]) else set()
