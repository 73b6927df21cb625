"""What is said of an error that nobody foresaw: anything but the credentials of who typed the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def redacted(text: str) -> str:
    """The text without the credentials in use, and without whatever is one by its form."""
    from cygni.feedback.redaction import without_secrets

    return without_secrets(text, _credentials())


def _credentials() -> Iterator[str]:
    """As they are in the environment and in the file of the sign-in, and as Python shows such text."""
    from cygni.feedback.redaction import secret_values

    found = [one for one in secret_values(os.environ) if not _is_a_path(one)]
    for one in (*found, *_of_the_sign_in()):
        yield from (one, one.strip(), repr(one)[1:-1])


def _is_a_path(value: str) -> bool:
    """Such as $PWD: a traceback without it would say nothing."""
    try:
        return Path(value).exists()
    except (OSError, ValueError):
        return False


def _of_the_sign_in() -> Iterator[str]:
    from cygni.control_plane.sign_in import stored
    from cygni.errors import CygniError
    from cygni.settings import Settings

    with suppress(CygniError):  # what cannot be read was not used
        found = stored(Settings.from_environment())
        if found is not None:
            yield from (one for one in (found.access_token, found.refresh_token) if one)
