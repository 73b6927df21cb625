"""The accounts of the control plane of this machine, for whoever runs it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cygni.control_plane.files import ACCOUNTS
from cygni.control_plane.tool import answer_of, demand_control_plane
from cygni.errors import UsageError
from cygni.settings import Settings
from cygni.wording import quoted

_EMAIL: Final = re.compile(r"[^-@\s][^@\s]*@[^@\s]+")
"""None that the program would take for an option."""


def administer(
    settings: Settings, environ: Mapping[str, str], action: str, email: str | None = None, password: str = ""
) -> dict[str, Any]:
    """Does one of `list`, `operator`, `password`, `disable` and `enable`. What changes somebody's account answers with
    `email`, `name`, `operator`, `disabled`, `created_at` and whether it was otherwise before, as `changed`; a list with
    `items` of those.

    Raises NotFound where there is no control plane or no such account, UsageError, StateError, ToolMissing.
    """
    if email is not None and not (_EMAIL.fullmatch(email) and email.isprintable()):
        raise UsageError(f"{quoted(email)} is no email address", hint="Such as: grace@example.com")
    demand_control_plane(settings, environ)
    arguments: Sequence[str] = [action] if email is None else [action, email]
    return answer_of(settings, environ, ACCOUNTS, arguments, "change", told=password)
