"""One comment of ours on a pull request, made or brought up to date: found again by the mark in its first line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from cygni.errors import AuthError, Unreachable
from cygni.forges.api import PAUSES


@dataclass(frozen=True, slots=True)
class Comment:
    """`number` grows with time; `address` is where a person sees it."""

    number: int
    text: str
    address: str


class Comments(Protocol):
    """The comments of one pull request. Its methods raise what `Api.call` raises."""

    def mark(self, name: str) -> str:
        """A line that no reader sees, with a name in it."""

    def found(self) -> Iterator[Comment]:
        """Those that may be ours; others write comments too, and may write our mark."""

    def create(self, text: str) -> Comment: ...

    def update(self, comment: Comment, text: str) -> Comment: ...

    def delete(self, comment: Comment) -> None: ...


@dataclass(frozen=True, slots=True)
class Published:
    """What was done, and where a person sees it."""

    done: Literal["created", "updated", "left out"]
    address: str = ""


def publish(
    comments: Comments,
    name: str,
    text: str,
    *,
    begin: bool = True,
    sleep: Callable[[float], None] = time.sleep,
) -> Published:
    """Brings the comment of that `name` up to date; where there is none yet, makes it if it may `begin`.

    However often, and by however many jobs at once, it is called: there is one comment in the end. Raises what
    `Api.call` raises.
    """
    mark = comments.mark(name)
    text = f"{mark}\n\n{text}"
    for comment in _ours(comments, mark):
        try:
            return Published("updated", comments.update(comment, text).address)
        except (
            AuthError
        ):  # somebody else's, with our mark; where no comment is allowed, the next call says so
            continue
    if not begin:
        return Published("left out")
    created = _created(comments, mark, text, sleep)
    first = next(_ours(comments, mark), created)
    if first.number < created.number:  # another job was quicker
        try:
            address = comments.update(first, text).address
        except AuthError:
            return Published("created", created.address)
        comments.delete(created)
        return Published("updated", address)
    return Published("created", created.address)


def _ours(comments: Comments, mark: str) -> Iterator[Comment]:
    """Those with the mark, the oldest first."""
    found = [one for one in comments.found() if one.text.split("\n", 1)[0].strip() == mark]
    yield from sorted(found, key=lambda one: one.number)


def _created(comments: Comments, mark: str, text: str, sleep: Callable[[float], None]) -> Comment:
    """A new comment. Where the forge did not answer, it may have made one all the same: that is looked for first."""
    for pause in (*PAUSES, None):
        try:
            return comments.create(text)
        except Unreachable:
            if pause is None:
                raise
            sleep(pause)
            made = [one for one in _ours(comments, mark) if one.text.strip() == text.strip()]
            if made:
                return made[0]
    raise AssertionError("the last try returns or raises")
