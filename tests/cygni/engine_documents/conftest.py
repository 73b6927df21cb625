from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cygni.engine_documents.reading import EngineDocument, read_document

RECORDED = Path(__file__).parents[2] / "data" / "engine_documents"


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.json").read_bytes()


def read(content: bytes | Mapping[str, Any], *, region: str = "") -> EngineDocument:
    """The document that these bytes, or this object as JSON, are."""
    given = content if isinstance(content, bytes) else json.dumps(content).encode()
    found = read_document(io.BytesIO(given).read, "it.json", region=region)
    assert isinstance(found, EngineDocument)
    return found


STACK = "urn:pulumi:dev::shop"
PROVIDER = f"{STACK}::pulumi:providers:aws::default_7_1_0::1234"


def state_of(token: str, inputs: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A resource as the engine stores it."""
    name = more.pop("name", "it")
    return {
        "urn": f"{STACK}::{token}::{name}",
        "custom": True,
        "type": token,
        "inputs": dict(inputs or {}),
        "provider": PROVIDER,
        **more,
    }


def export_of(*states: Mapping[str, Any], version: int = 3) -> dict[str, Any]:
    return {"version": version, "deployment": {"resources": list(states)}}


def preview_of(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"config": {"aws:region": "us-east-1"}, "steps": list(steps), "changeSummary": {}, **more}


Record = Callable[[str], bytes]


@pytest.fixture
def nat() -> dict[str, Any]:
    return state_of("aws:ec2/natGateway:NatGateway", {"subnetId": "subnet-1"})
