"""Runs something before or after a method of code that is not ours."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def before(owner: Any, name: str, first: Callable[..., None]) -> None:
    """Run `first` with a method's arguments before the method."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **named: Any) -> Any:
        first(self, *args, **named)
        return original(self, *args, **named)

    setattr(owner, name, method)


def after(owner: Any, name: str, then: Callable[..., None]) -> None:
    """Run `then` with what a method has returned and its arguments."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **named: Any) -> Any:
        answer = original(self, *args, **named)
        then(self, answer, *args, **named)
        return answer

    setattr(owner, name, method)
