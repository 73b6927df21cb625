"""What an environment switches on for its whole account."""

from __future__ import annotations

import pulumi_aws

from components.security_baseline import SecurityBaseline, SecurityBaselineArgs, TrailArgs
from cygni.naming import bucket_name, name_in_account
from stacks.inputs import FoundationInputs

_BUCKET = "cloudtrail-of-the-account"
"""Longer than the name of a bucket in cygni.yaml may be, so that none is named the same."""


def security_baseline(name: str, inputs: FoundationInputs, region: str) -> None:
    """Declares it, if anything is switched on."""
    wanted = inputs.baseline
    if wanted is None:
        return
    account = pulumi_aws.get_caller_identity().account_id
    trail = None
    if wanted.trail_retention:
        bucket = bucket_name(inputs.project, inputs.environment, _BUCKET, account, region)
        own = name_in_account(inputs.project, inputs.environment)
        trail = TrailArgs(name=own, bucket=bucket, retention=wanted.trail_retention)
    SecurityBaseline(
        name,
        SecurityBaselineArgs(
            account=account,
            region=region,
            guardduty=wanted.guardduty,
            security_hub=wanted.security_hub,
            trail=trail,
        ),
    )
