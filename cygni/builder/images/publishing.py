"""Pushes an image to a registry, with a login that is gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cygni.builder.images.building import run, run_to_success
from cygni.builder.images.tools import Tool

_LAST_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Login:
    """How a registry lets in: its host, a user, and a password that is never shown."""

    registry: str
    user: str
    password: str = field(repr=False)


def publish(tool: Tool, built: str, to: str, login: Login, tell: Callable[[str], None]) -> None:
    """Push the image called `built` as `to`. The login is kept in a folder of its own and goes with it, and `to` names
    nothing on this machine then.

    Raises BuildFailed with what the tool said; RegistryUnreachable where the registry does not answer, or stopped to. A
    registry gives an image its tag when it has all of it, so one that was pushed by halves is not there.
    """
    with tempfile.TemporaryDirectory(prefix="cx-login-") as aside:
        environ = {**os.environ, **tool.logins_in(Path(aside))}
        _do(tool.login(login.registry, login.user), lambda line: None, environ, login.password)
        _do(tool.tag(built, to), tell, environ)
        try:
            _do(tool.push(to), tell, environ)
        finally:
            run(tool.untag(to), lambda line: None, environ=environ)


def _do(
    command: Sequence[str], tell: Callable[[str], None], environ: Mapping[str, str], given: str | None = None
) -> None:
    hint = (
        "Nothing was changed by it: the tag is there only with the whole image. Run the same command again."
    )
    what = " ".join(command[:2])
    run_to_success(command, tell, what, hint=hint, lines=_LAST_LINES, given=given, environ=environ)
