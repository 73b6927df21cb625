"""Cognito: people who sign in."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, text

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
        notes=(
            "Messages by SMS and email are billed by SNS and SES; users who sign in by SAML are not counted.",
        ),
    ),
)
