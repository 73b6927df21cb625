"""Who asks for a release, for records and other people."""

from __future__ import annotations

import getpass
import os
import socket

AUTHOR_VARIABLE = "CYGNI_AUTHOR"
"""Of the environment: who asked a control plane's worker; whose user that is says nothing."""


def author() -> str:
    """`user@host` where nobody else is named."""
    if asked := os.environ.get(AUTHOR_VARIABLE):
        return asked
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a user without a name
        return socket.gethostname()
