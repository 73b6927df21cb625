"""Ready-made values for tests, each with what the test does not care about filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cygni.spec import ProjectSpec, parse_spec
from stacks.operations import EngineSettings
from stacks.records import RecordStore
from stacks.target import Environment

PROJECT: Mapping[str, Any] = {
    "project": "shop",
    "region": "us-east-1",
    "network": {"nat": "none"},
    "services": {
        "web": {"image": "nginx:1", "port": 80},
        "mailer": {"kind": "worker", "image": "mailer:1"},
    },
    "buckets": {"uploads": {"versioning": True}},
}


def create_spec(environment: str = "staging", **sections: Any) -> ProjectSpec:
    """The specification of a small shop; `sections` replace those of its cygni.yaml, None removes one."""
    return parse_spec(spec_text(**sections), "cygni.yaml", environment)


def spec_text(**sections: Any) -> str:
    merged = {**PROJECT, **sections}
    # JSON is YAML, and has no anchors for what appears twice.
    return json.dumps({key: value for key, value in merged.items() if value is not None}, indent=1)


def create_environment(folder: Path, name: str = "staging", **given: Any) -> Environment:
    """An environment of the shop that keeps everything below `folder`."""
    own = folder / "projects" / "shop" / name
    settings = EngineSettings(
        executable=folder / "pulumi",
        version="3.255.0",
        backend_url=(folder / "state").as_uri(),
        passphrase_file=folder / "passphrase",
        config_dir=folder / "stacks",
        plugin_cache=folder / "plugins",
        region="us-east-1",
    )
    values: dict[str, Any] = {
        "project": "shop",
        "name": name,
        "region": "us-east-1",
        "target": "local" if name == "local" else "aws",
        "engine": settings,
        "records": RecordStore(own),
        "plans": own / "plans",
        **given,
    }
    values["plans"].mkdir(parents=True, exist_ok=True)
    return Environment(**values)
