"""What all services of a project write, while something else goes on: a line each, with the name of its service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cygni.errors import CygniError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from cygni.targets.fargate.log_groups import Written

Where = Callable[[], tuple[Mapping[str, str], Mapping[str, str]] | None]
"""The log group of each service, and the variables of the AWS SDK; None while there are none."""

_POLL_SECONDS: Final = 0.5
COLOURS: Final = ("cyan", "magenta", "yellow", "green", "blue", "bright_red")


@contextmanager
def following(people: Console, where: Where) -> Iterator[None]:
    """Prints what is written from now on, while the block runs."""
    ended = threading.Event()
    thread = threading.Thread(target=_follow, args=(people, where, ended), name="logs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(2 * _POLL_SECONDS)


def _follow(people: Console, where: Where, ended: threading.Event) -> None:
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.log_groups import Follower, read_groups

    follower = Follower(datetime.now(UTC))
    while not ended.wait(_POLL_SECONDS):
        found = where()
        if found is None:
            continue
        groups, variables = found
        clients = Clients(variables, patient=False)
        try:
            for one in follower.new(read_groups(clients, groups, follower.start, None, "")):
                people.print(line(one, tuple(groups)), soft_wrap=True)
        except CygniError:  # the local cloud is not there just now; whoever works with it says so
            continue


def line(written: Written, services: tuple[str, ...]) -> Text:
    """A line with its service in front, each in a colour of its own."""
    from rich.text import Text

    width = max(len(name) for name in services)
    colour = COLOURS[services.index(written.service) % len(COLOURS)]
    return Text.assemble((f"{written.service:<{width}} | ", colour), Text.from_ansi(written.text))
