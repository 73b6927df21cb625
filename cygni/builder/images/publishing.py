"""Pushes images to a registry, with a login that is gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cygni.builder.images.building import run, run_to_success
from cygni.builder.images.tools import Tool

_LAST_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Login:
    """How a registry lets in: its host, a user, and a password that is never shown. It is `plain` without TLS, which
    one on this machine alone may be."""

    registry: str
    user: str
    password: str = field(repr=False)
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A registry that a tool is logged in to, by `environ`."""

    tool: Tool
    login: Login
    environ: Mapping[str, str] = field(repr=False)

    def push(self, built: str, to: str, tell: Callable[[str], None]) -> str:
        """Push the image called `built` as `to`, a repository and tag of the registry; its address. `to` names nothing
        on this machine then.

        Raises BuildFailed with what the tool said; RegistryUnreachable where the registry does not answer, or stopped
        to. A registry gives an image its tag when it has all of it, so one that was pushed by halves is not there.
        """
        address = f"{self.login.registry}/{to}"
        _do(self.tool.tag(built, address), tell, self.environ)
        try:
            _do(self.tool.push(address, plain=self.login.plain), tell, self.environ)
        finally:
            run(self.tool.untag(address), lambda line: None, environ=self.environ)
        return address


@contextmanager
def logged_in(tool: Tool, login: Login) -> Iterator[Session]:
    """Log in, once for all that is pushed. The login is kept in a folder of its own and goes with it. Raises what
    `push` raises."""
    with tempfile.TemporaryDirectory(prefix="cx-login-") as aside:
        environ = {**os.environ, **tool.logins_in(Path(aside))}
        command = tool.login(login.registry, login.user, plain=login.plain)
        _do(command, None, environ, login.password)
        yield Session(tool, login, environ)


def _do(
    command: Sequence[str],
    tell: Callable[[str], None] | None,
    environ: Mapping[str, str],
    given: str | None = None,
) -> None:
    hint = (
        "Nothing was changed by it: the tag is there only with the whole image. Run the same command again."
    )
    what = " ".join(command[:2])
    run_to_success(command, tell, what, hint=hint, lines=_LAST_LINES, given=given, environ=environ)
