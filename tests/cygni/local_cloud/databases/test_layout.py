from __future__ import annotations

import os
from pathlib import Path

from cygni.local_cloud.databases.accounts import Account
from cygni.local_cloud.databases.layout import SOCKET, Layout


def test_keeps_the_socket_with_the_data_where_its_path_is_short() -> None:
    layout = Layout(Path("/data/db-1"), Path("/programs"))
    assert layout.sockets == Path("/data/db-1/s")


def test_puts_the_socket_where_its_path_is_short_enough_for_the_system() -> None:
    long, other = (Layout(Path("/data") / (letter * 120), Path("/programs")) for letter in "ab")
    assert long.sockets.parent == Path("/tmp")
    assert len(os.fsencode(long.sockets / SOCKET)) <= 100
    assert long.sockets != other.sockets


def test_says_no_password_to_anybody() -> None:
    assert "canary" not in repr(Account("cygni", "canary", "app"))
    assert "canary" not in " ".join(Layout(Path("/data/db-1"), Path("/programs")).initdb())
