"""`cx worker`: carries out what a control plane was asked to do."""

from __future__ import annotations

import os

from cli.options import Debug

EXAMPLES = ("cx worker",)


def worker(debug: Debug = False) -> None:
    """Carry out deployments, send webhooks and notifications, until told to end.

    `cx server` has one of its own; start more on any host that reaches its database, with the same
    CYGNI_DATABASE_URL and the same key. What runs when it is told to end is handed to another.
    """
    from cygni.control_plane import process
    from cygni.settings import Settings

    command = process.worker_command(Settings.from_environment())
    os.execve(command[0], command, os.environ)  # noqa: S606  # signals reach it
