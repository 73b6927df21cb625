"""Pushes an image to a registry, with a login that is gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cygni.builder.images.building import run
from cygni.builder.images.tools import Tool
from cygni.errors import BuildFailed

_LAST_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Login:
    """How a registry lets in: its host, a user, and a password that is never shown."""

    registry: str
    user: str
    password: str = field(repr=False)


def publish(tool: Tool, built: str, to: str, login: Login, tell: Callable[[str], None]) -> None:
    """Push the image called `built` as `to`. The login is kept in a folder of its own and goes with it.

    Raises BuildFailed with what the tool said.
    """
    with tempfile.TemporaryDirectory(prefix="cx-login-") as aside:
        environ = {**os.environ, **tool.logins_in(Path(aside))}
        _do(tool.login(login.registry, login.user), environ, lambda line: None, login.password)
        _do(tool.tag(built, to), environ, tell)
        _do(tool.push(to), environ, tell)


def _do(
    command: Sequence[str], environ: Mapping[str, str], tell: Callable[[str], None], given: str | None = None
) -> None:
    last: deque[str] = deque(maxlen=_LAST_LINES)

    def hear(line: str) -> None:
        last.append(line)
        tell(line)

    code = run(command, hear, given, environ)
    if code != 0:
        said = "".join(f"\n  {line}" for line in last)
        raise BuildFailed(
            f"{' '.join(command[:2])} ended with {code}{said}",
            hint="The image is built; try again to push it.",
            details={"tool": command[0], "exit_code": code},
        )
