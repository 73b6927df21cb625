"""cygni.yaml: its model, its loader with line numbers in errors, and its JSON schema."""

from __future__ import annotations

from cygni.releases.settings import Strategy
from cygni.spec.buckets import Bucket, Encryption, StorageClass
from cygni.spec.caches import Cache
from cygni.spec.databases import Database, Engine, default_database
from cygni.spec.domain import Domain
from cygni.spec.fields import STANDING_ENVIRONMENTS
from cygni.spec.kubernetes import Kubernetes, NodeGroup
from cygni.spec.loader import FILE_NAME, check_environment, find_spec, load_spec, parse_spec
from cygni.spec.model import ProjectSpec
from cygni.spec.network import ExistingVpc, FlowLogs, Nat, Network
from cygni.spec.queues import Queue
from cygni.spec.resolve import is_environment
from cygni.spec.security import Security
from cygni.spec.services import (
    AnyService,
    CronService,
    HealthCheck,
    JobService,
    Service,
    StandingService,
    WebService,
    WorkerService,
)
from cygni.spec.tasks import Architecture, Build
from cygni.spec.topics import Subscription, Topic

__all__ = [
    "FILE_NAME",
    "STANDING_ENVIRONMENTS",
    "AnyService",
    "Architecture",
    "Bucket",
    "Build",
    "Cache",
    "CronService",
    "Database",
    "Domain",
    "Encryption",
    "Engine",
    "ExistingVpc",
    "FlowLogs",
    "HealthCheck",
    "JobService",
    "Kubernetes",
    "Nat",
    "Network",
    "NodeGroup",
    "ProjectSpec",
    "Queue",
    "Security",
    "Service",
    "StandingService",
    "StorageClass",
    "Strategy",
    "Subscription",
    "Topic",
    "WebService",
    "WorkerService",
    "check_environment",
    "default_database",
    "find_spec",
    "is_environment",
    "load_spec",
    "parse_spec",
]
