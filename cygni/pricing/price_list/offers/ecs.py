"""Amazon ECS: Fargate. What runs on spare capacity is not in the list, for its price moves."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB_HOURS, VCPU_HOURS, Offer, Rule

_KINDS: Final = {
    "": {"arch": "x86_64", "os": "Linux"},
    "ARM-": {"arch": "arm64", "os": "Linux"},
    "Windows-": {"arch": "x86_64", "os": "Windows"},
}


def _rules(kind: str) -> tuple[Rule, ...]:
    attributes = _KINDS[kind]
    return (
        Rule(
            "AWSFargate",
            "vcpu",
            "vCPU-hour",
            VCPU_HOURS,
            rf"Fargate-{kind}vCPU-Hours:perCPU",
            attributes=attributes,
        ),
        Rule("AWSFargate", "memory", "GB-hour", GB_HOURS, rf"Fargate-{kind}GB-Hours", attributes=attributes),
    )


OFFER: Final = Offer(
    "AmazonECS",
    (
        *(rule for kind in _KINDS for rule in _rules(kind)),
        Rule(
            "AWSFargate",
            "os-license",
            "vCPU-hour",
            VCPU_HOURS,
            r"Fargate-Windows-OS-Hours:perCPU",
            attributes={"os": "Windows"},
        ),
        Rule(
            "AWSFargate",
            "ephemeral-storage",
            "GB-hour",
            GB_HOURS,
            r"Fargate-EphemeralStorage-GB-Hours",
            attributes={"included": "20 GB"},
        ),
    ),
)
