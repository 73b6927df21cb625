"""Cognito: people who sign in."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Subject, is_one_of, text, unknown


def _of_machines(subject: Subject) -> bool:
    """Whether a client is for machines, which is billed by the token."""
    flows = subject.inputs.get("allowedOauthFlows")
    return isinstance(flows, list | tuple) and "client_credentials" in flows


ESTIMATORS: Final = (
    priced(
        "aws:cognito/userPool:UserPool",
        parts=(
            Part(
                by_usage(
                    "active users, {plan}",
                    "AmazonCognito",
                    "monthly-active-users",
                    "user",
                    "active_users",
                    tiered=True,
                ),
                by={"plan": text("userPoolTier", "ESSENTIALS")},
            ),
            Part(
                by_usage(
                    "advanced security",
                    "AmazonCognito",
                    "advanced-security",
                    "user",
                    "active_users",
                    tiered=True,
                ),
                when=is_one_of(text("userPoolAddOns.advancedSecurityMode", "OFF"), "AUDIT", "ENFORCED"),
            ),
        ),
        notes=("Messages by SMS and email are billed by SNS and SES.",),
        not_counted=("users who sign in by SAML or OIDC",),
    ),
    priced(
        "aws:cognito/userPoolClient:UserPoolClient",
        "aws:cognito/managedUserPoolClient:ManagedUserPoolClient",
        parts=(
            Part(
                by_usage("clients of machines", "AmazonCognito", "machine-client", "client-month", None),
                unknown("billed by the tokens it asks for"),
                when=_of_machines,
            ),
        ),
        otherwise="billed with the users of its pool",
        notes=("Free, unless machines sign in with it (`client_credentials`).",),
    ),
)
