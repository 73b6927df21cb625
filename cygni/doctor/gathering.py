"""Gathers facts side by side, each once, each within its time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from cygni.doctor.facts import Fact, Facts, NotKnown, Source
from cygni.errors import CygniError, DeadlineExceeded


class Blocked(NotKnown):
    """A fact that waits for another one, which could not be known: whoever judges that one tells of it."""

    code = "blocked"


class Gathering:
    """Every source runs in a thread of its own, so that one that hangs holds up nobody: it is given up at its limit,
    and its thread does not keep the process.

    `until` is a moment of `time.monotonic()` after which nothing is waited for.
    """

    def __init__(self, sources: Iterable[Source[Any]], *, until: float | None = None) -> None:
        self._sources: Mapping[str, Source[Any]] = {one.fact.name: one for one in sources}
        self._until = until
        self._begun: dict[str, _Underway] = {}
        self._beginning = threading.Lock()

    def begin(self, fact: Fact[Any]) -> _Underway:
        """Starts gathering a fact, with all that it needs, unless that was done before."""
        with self._beginning:
            return self._begin(fact)

    def _begin(self, fact: Fact[Any]) -> _Underway:
        found = self._begun.get(fact.name)
        if found is None:
            source = self._sources.get(fact.name)
            if source is None:
                raise LookupError(f"nobody gathers {fact.name}")
            found = _Underway(source, [self._begin(one) for one in source.needs], self._until)
            self._begun[fact.name] = found
            threading.Thread(target=found.run, name=f"doctor {fact.name}", daemon=True).start()
        return found

    def wait(self, facts: Iterable[Fact[Any]]) -> Facts:
        """These facts, or their errors, as soon as each is there or given up."""
        return _collected([self.begin(fact) for fact in facts])


class _Underway:
    """One fact that is being gathered."""

    def __init__(self, source: Source[Any], needs: list[_Underway], until: float | None) -> None:
        self.source = source
        self._needs = needs
        self._until = until
        self._ready = threading.Event()
        self._done = threading.Event()
        self._outcome: Any = None
        self._error: CygniError | None = None
        self._limit_begins = 0.0

    def run(self) -> None:
        try:
            facts = _collected(self._needs)
            self._limit_begins = time.monotonic()
            self._ready.set()
            _require(facts, [one.source.fact for one in self._needs])
            self._outcome = self.source.gather(facts)
        except CygniError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001  # told as what this check could not know
            self._error = CygniError(
                f"{self.source.fact.what} could not be told: {type(error).__name__}: {error}",
                hint="Run again with --debug, and report it.",
            )
        finally:
            self._ready.set()
            self._done.set()

    def result(self) -> tuple[Any, CygniError | None]:
        self._ready.wait(self._left(None))
        if self._done.wait(self._left(self.source.limit)):
            return self._outcome, self._error
        limit = self.source.limit
        if self._until is not None and (not self._ready.is_set() or time.monotonic() >= self._until):
            return None, Blocked(f"{self.source.fact.what} took too long for the quick form")
        return None, DeadlineExceeded(
            f"{self.source.fact.what}: no answer within {limit:.0f} s",
            hint="Is the network slow, or in the way? Run the same command again.",
        )

    def _left(self, limit: float | None) -> float | None:
        """Seconds that may still be waited; None for as long as it takes."""
        now = time.monotonic()
        ends = [] if self._until is None else [self._until]
        if limit is not None:
            ends.append((self._limit_begins or now) + limit)
        return max(0.0, min(ends) - now) if ends else None


def _require(facts: Facts, needed: Iterable[Fact[Any]]) -> None:
    """Raises NotKnown or Blocked for the first fact that is not known."""
    for fact in needed:
        error = facts.error(fact)
        if isinstance(error, NotKnown):
            raise error
        if error is not None:
            raise Blocked(f"not without {fact.what}")


def _collected(needed: Iterable[_Underway]) -> Facts:
    known: dict[str, Any] = {}
    errors: dict[str, CygniError] = {}
    for one in needed:
        value, error = one.result()
        if error is None:
            known[one.source.fact.name] = value
        else:
            errors[one.source.fact.name] = error
    return Facts(known, errors)
