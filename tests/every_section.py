"""A project that has something in every section of cygni.yaml, and every kind of what a section can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

EVERYTHING: Final[Mapping[str, Any]] = {
    "project": "whole",
    "region": "us-east-1",
    "network": {
        "zones": 2,
        "nat": "single",
        "cidr": "10.40.0.0/16",
        "endpoints": ["ecr.dkr", "logs"],
        "flow_logs": "rejected",
        "acls": True,
    },
    "services": {
        "web": {
            "image": "web:1",
            "port": 8080,
            "env": {"GREETING": "hello", "LEVEL": "info"},
            "secrets": {"TOKEN": "arn:aws:ssm:us-east-1:123456789012:parameter/whole/token"},
            "command": ["serve"],
            "autoscale": {"min": 1, "max": 3, "cpu": 60},
            "alarms": True,
        },
        "api": {"build": {"tag": "v1"}, "port": 80, "path": "/api", "architecture": "arm64"},
        "mailer": {"kind": "worker", "image": "mailer:1", "spot": {"percent": 50}},
        "report": {"kind": "cron", "image": "report:1", "schedule": "0 3 * * *", "dead_letter": True},
        "migrate": {"kind": "job", "image": "migrate:1"},
    },
    "discovery": True,
    "domain": {"name": "whole.test", "create_zone": True, "aliases": ["www.whole.test"], "cdn": True},
    "buckets": {
        "uploads": {
            "versioning": True,
            "lifecycle": {"old": {"expire_after": 90}},
            "cors": {"origins": ["https://whole.test"]},
            "replication": {"region": "eu-west-1"},
        },
        "exports": {"encryption": "kms"},
    },
    "databases": {
        "main": {"replicas": 1, "default": True, "final_snapshot": False},
        "events": {"engine": "aurora-postgres", "final_snapshot": False},
    },
    "caches": {"sessions": {}},
    "queues": {"mail": {"max_receive_count": 3}, "audit": {"fifo": True, "dead_letter": False}},
    "topics": {"orders": {"subscriptions": {"mail": {"filter": {"event": ["paid"]}}}}},
    "kubernetes": {"version": "1.34", "node_groups": {"general": {"min": 1}}, "secrets_key": True},
    "log_retention": 14,
    "security": {
        "waf": True,
        "kms": True,
        "guardduty": True,
        "security_hub": True,
        "cloudtrail": True,
    },
    "cost": {"max_increase": 5000, "budget": 9000, "comment_above": 2},
    "policies": {"levels": {"bucket-versioning": "disabled"}, "monthly_cost": 5000},
    "usage": {"nat_data_gb": 50},
}
"""What an account has one of (GuardDuty, Security Hub) is in here too: two such environments need one of them without."""

ONE_OF_EACH_ACCOUNT: Final = ("guardduty", "security_hub", "cloudtrail")
