"""What the parts of the local cloud's EKS share: how a call is read, and how AWS answers a change or a mistake."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def body_of(response: Any) -> dict[str, Any]:
    """The call's JSON."""
    found = json.loads(response.body) if response.body else {}
    return found if isinstance(found, dict) else {}


def fail(kind: str, message: str) -> Exception:
    """An error of EKS, ready to be raised: `kind` is InvalidParameter, InvalidRequest, NotFound, ResourceInUse or
    ResourceNotFound."""
    from moto.eks import exceptions

    name = f"{kind}Exception"
    error = getattr(exceptions, name, None)
    if error is None:
        error = type(name, (exceptions.EKSError,), {"TYPE": name, "STATUS": 404})
    made: Exception = error(message=message)
    return made


def cluster_of(backend: Any, name: str) -> Any:
    """Raises ResourceNotFoundException."""
    if name not in backend.clusters:
        raise fail("ResourceNotFound", f"No cluster found for name: {name}.")
    return backend.clusters[name]


def given(response: Any) -> Any:
    """The cluster that the call's path names."""
    return cluster_of(response.eks_backend, response.uri_match["name"])


def node_group_of(cluster: Any, name: str) -> Any:
    if name not in cluster.nodegroups:
        raise fail("ResourceNotFound", f"No node group found for name: {name}.")
    return cluster.nodegroups[name]


def merge(before: Mapping[str, Any], change: Mapping[str, Any] | None) -> dict[str, Any]:
    """`before` with what `change` says laid over it."""
    return {**before, **{name: value for name, value in (change or {}).items() if value is not None}}


def now() -> datetime:
    return datetime.now(UTC)


def updated(cluster: Any, kind: str) -> Any:
    """The answer to a change: an update that is done already, and can be asked for."""
    from moto.core.responses import ActionResult

    update = {
        "id": str(uuid.uuid4()),
        "status": "Successful",
        "type": kind,
        "params": [],
        "createdAt": now(),
        "errors": [],
    }
    cluster.updates[update["id"]] = update
    return ActionResult({"update": update})
