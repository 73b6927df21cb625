"""What checks look at: facts, each gathered once by a source, and what kept one from being gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from cygni.errors import CygniError

T = TypeVar("T")


@dataclass(frozen=True)
class Fact(Generic[T]):
    """The name of something that can be known; `what` in words, for checks that had to do without it."""

    name: str
    what: str


class NotKnown(CygniError):
    """A fact that does not exist here, so that what needs it has nothing to judge: no domain, no AWS account."""

    code = "not_known"


class Facts:
    """Facts that were gathered, or the error that each ended with."""

    def __init__(self, known: Mapping[str, Any], errors: Mapping[str, CygniError] | None = None) -> None:
        self._known = known
        self._errors = errors or {}

    def __getitem__(self, fact: Fact[T]) -> T:
        """Raises KeyError for a fact that was not gathered."""
        return cast("T", self._known[fact.name])

    def has(self, fact: Fact[Any]) -> bool:
        return fact.name in self._known

    def error(self, fact: Fact[Any]) -> CygniError | None:
        """What gathering the fact ended with, None where it is known."""
        return self._errors.get(fact.name)


@dataclass(frozen=True)
class Source(Generic[T]):
    """How a fact is gathered from others. `limit` is in seconds, from when those are there.

    `gather` raises NotKnown where there is nothing to know, and any CygniError where it cannot be known.
    """

    fact: Fact[T]
    gather: Callable[[Facts], T]
    needs: tuple[Fact[Any], ...] = ()
    limit: float = 8.0
