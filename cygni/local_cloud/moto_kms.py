"""Where moto's KMS differs from AWS in a way that the stacks meet; applied by moto_fixes.py and moto_rds.py."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.patching import after

_applied: set[str] = set()


def fix() -> None:
    """moto makes the keys that AWS manages (`alias/aws/rds`) when they are first used, as the customer's own. Calling
    this again changes nothing: services that use such keys load KMS without its endpoint."""
    from moto.kms.models import KmsBackend

    if "kms" in _applied:
        return
    _applied.add("kms")

    def belong_to_aws(backend: Any, key_id: str | None, alias: str) -> None:
        if key_id is not None:
            backend.keys[key_id].key_manager = "AWS"

    after(KmsBackend, "_generate_default_keys", belong_to_aws)
