"""The pid file: who serves a folder, and on which port."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cygni.private_file import replace_whole

RECORD_NAME = "server.json"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """One running server. `create_time` is the process' start in seconds since the epoch, which tells
    it from a later process that was given the same pid; `instance_id` is another after each start.
    It listens on `host` and `port`."""

    pid: int
    create_time: float
    port: int
    instance_id: str
    host: str = LOOPBACK


def read_record(folder: Path) -> ServerRecord | None:
    """The record in `folder`; None when there is none or it cannot be understood (a torn write).

    Raises OSError when it cannot be read.
    """
    try:
        values: Any = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
        return ServerRecord(
            pid=int(values["pid"]),
            create_time=float(values["create_time"]),
            port=int(values["port"]),
            instance_id=str(values["instance_id"]),
            host=str(values.get("host", LOOPBACK)),
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write_record(folder: Path, record: ServerRecord) -> None:
    """Write whole or not at all: a reader sees the old record or the new one. Raises OSError."""
    replace_whole(folder / RECORD_NAME, json.dumps(asdict(record)).encode())


def remove_record(folder: Path, record: ServerRecord) -> None:
    """Remove the record if it is still this one; another server may have written its own since."""
    if read_record(folder) == record:
        (folder / RECORD_NAME).unlink(missing_ok=True)
