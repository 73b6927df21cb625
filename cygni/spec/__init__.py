"""cygni.yaml: its model, its loader with line numbers in errors, and its JSON schema."""

from __future__ import annotations

from cygni.spec.buckets import Bucket
from cygni.spec.fields import STANDING_ENVIRONMENTS
from cygni.spec.loader import FILE_NAME, check_environment, find_spec, load_spec, parse_spec
from cygni.spec.model import ProjectSpec
from cygni.spec.network import Nat, Network
from cygni.spec.queues import Queue
from cygni.spec.resolve import is_environment
from cygni.spec.services import (
    Architecture,
    Build,
    HealthCheck,
    Service,
    Strategy,
    WebService,
    WorkerService,
)
from cygni.spec.topics import Subscription, Topic

__all__ = [
    "FILE_NAME",
    "STANDING_ENVIRONMENTS",
    "Architecture",
    "Bucket",
    "Build",
    "HealthCheck",
    "Nat",
    "Network",
    "ProjectSpec",
    "Queue",
    "Service",
    "Strategy",
    "Subscription",
    "Topic",
    "WebService",
    "WorkerService",
    "check_environment",
    "find_spec",
    "is_environment",
    "load_spec",
    "parse_spec",
]
