"""The engine's state and locks in a folder, as it writes them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cygni.plan.events import STACK_TYPE
from stacks.operations import StackOperation
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.state import file_backend
from tests.fake_programs import urn_of


def checkpoint_file(operation: StackOperation) -> Path:
    return _backend(operation) / "stacks" / PULUMI_PROJECT / f"{operation.stack}.json"


def lock_folder(operation: StackOperation) -> Path:
    return _backend(operation) / "locks" / "organization" / PULUMI_PROJECT / operation.stack


def read_state(operation: StackOperation) -> dict[str, Any]:
    """The engine's state, with the outputs of the stack's own resource as `outputs`, and `components` apart."""
    state = json.loads(checkpoint_file(operation).read_text())["checkpoint"]["latest"]
    assert isinstance(state, dict)
    state["components"] = [one for one in state["resources"] if one["type"].startswith("cygni:")]
    state["resources"] = [one for one in state["resources"] if one not in state["components"]]
    own = [one for one in state["resources"] if one["type"] == STACK_TYPE]
    if own:
        state["resources"] = [one for one in state["resources"] if one not in own]
        state["outputs"] = own[0]["outputs"]
    return state


def write_state(operation: StackOperation, latest: Mapping[str, Any]) -> None:
    """Writes what `read_state` gives."""
    latest = dict(latest)
    latest["resources"] = [*latest.pop("components", []), *latest["resources"]]
    if "outputs" in latest:
        urn = urn_of(operation.stack, STACK_TYPE, operation.stack)
        own = {"urn": urn, "type": STACK_TYPE, "custom": False, "outputs": latest.pop("outputs")}
        latest["resources"] = [own, *latest["resources"]]
    path = checkpoint_file(operation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": operation.stack, "latest": latest}}))


def write_lock(folder: Path, pid: int, host: str = "", since: datetime | None = None) -> Path:
    """A lock file as the engine writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"lock-{pid}.json"
    said = {
        "pid": pid,
        "username": "somebody",
        "hostname": host or socket.gethostname(),
        "timestamp": (since or datetime.now(UTC)).isoformat(),
    }
    path.write_text(json.dumps(said))
    return path


def _backend(operation: StackOperation) -> Path:
    folder = file_backend(operation.settings.backend_url)
    assert folder is not None
    return folder / ".pulumi"


def ended_pid() -> int:
    pid = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(pid, 0)
    return pid
