"""The projects that are compared: every component there is, and a change of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from cygni.spec import ProjectSpec, parse_spec

IMAGE = "public.ecr.aws/nginx/nginx:1.29-alpine"

WHOLE: Mapping[str, Any] = {
    "project": "shop",
    "region": "us-east-1",
    "services": {
        "web": {"image": IMAGE, "port": 80, "env": {"GREETING": "hello"}},
        "api": {"build": {"tag": "v1"}, "port": 8080, "path": "/api"},
        "mailer": {"kind": "worker", "image": IMAGE, "architecture": "arm64"},
    },
    "buckets": {"uploads": {"versioning": True}, "logs": {}},
}

CHANGED: Mapping[str, Any] = {
    **WHOLE,
    "services": {
        "web": {**WHOLE["services"]["web"], "cpu": 512, "memory": 1024, "health_check": {"interval": 15}},
        "api": {**WHOLE["services"]["api"], "port": 9090, "path": "/v2"},
    },
    "log_retention": 14,
}


def spec(document: Mapping[str, Any], environment: str) -> ProjectSpec:
    """The specification in `document` for an environment."""
    return parse_spec(yaml.safe_dump(dict(document), sort_keys=False), "cygni.yaml", environment)
