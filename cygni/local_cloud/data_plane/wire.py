"""The JSON between the server and the data plane: dataclasses on both sides, checked where they are read."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cygni.local_cloud.data_plane.reports import Report
from cygni.local_cloud.data_plane.snapshot import Snapshot

if TYPE_CHECKING:
    from pydantic import TypeAdapter

PATH = "/_cygni/data-plane"
MAX_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """To a poll: the snapshot, or None when nothing has changed since. `reported` is what was reported last of each
    target, given with a first poll (`since` 0), so that a data plane that was killed goes on where it was."""

    instance_id: str
    revision: int
    snapshot: Snapshot | None = None
    reported: tuple[Report, ...] = ()


def answer_to_json(answer: Answer) -> bytes:
    return json.dumps(asdict(answer)).encode()


def answer_from_json(content: bytes) -> Answer:
    """Raises ValueError when it is none."""
    found: Answer = _adapter(Answer).validate_json(content)
    return found


def reports_to_json(instance_id: str, reports: Sequence[Report]) -> bytes:
    return json.dumps({"instance_id": instance_id, "reports": [asdict(one) for one in reports]}).encode()


def reports_from_json(content: bytes) -> tuple[str, tuple[Report, ...]]:
    """The instance id that the reports are meant for, and the reports. Raises ValueError when they are none."""
    found = _adapter(_Reports).validate_json(content)
    return found.instance_id, found.reports


@dataclass(frozen=True, slots=True)
class _Reports:
    instance_id: str
    reports: tuple[Report, ...]


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # a tenth of a second that a server without load balancers never spends

    return TypeAdapter(kind)
