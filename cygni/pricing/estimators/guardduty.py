"""GuardDuty: what a detector always looks at, and its protection plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Free, Gap, Measured, by_usage, one_of
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Subject, flag, is_one_of, text, unknown
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_SERVICE: Final = "AmazonGuardDuty"
_FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"
LOGS: Final = by_usage(
    "flow and DNS logs", _SERVICE, "vpc-flow-and-dns-logs", "GB", "guardduty_gb", tiered=True
)
EVENTS: Final = by_usage("management events", _SERVICE, "management-events", "event", "guardduty_events")
PLANS: Final = by_usage("protection plans", _SERVICE, "protection-plans", "month", None)
_PLAN: Final = by_usage("protection plan {plan}", _SERVICE, "protection-plan", "month", None)

_SWITCHES: Final[Mapping[str, str | None]] = {
    "EBS_MALWARE_PROTECTION": "datasources.malwareProtection.scanEc2InstanceWithFindings.ebsVolumes.enable",
    "EKS_AUDIT_LOGS": "datasources.kubernetes.auditLogs.enable",
    "LAMBDA_NETWORK_LOGS": None,
    "RDS_LOGIN_EVENTS": None,
    "S3_DATA_EVENTS": "datasources.s3Logs.enable",
}
"""The plans that AWS switches on with a detector unless told otherwise (GuardDuty API, CreateDetector), and the input
of the detector that tells."""


def _detector(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    if inputs.flag(resource.inputs, "enable", True) is False:
        return Free("a detector that is switched off costs nothing")
    amounts = [one_of(LOGS, usage), one_of(EVENTS, usage)]
    plans = ", ".join(_unsaid_plans(Subject.of(resource, resources, usage)))
    if plans:
        amounts.append(Amount(PLANS, Gap(f"AWS switches on {plans}, billed by what they look at")))
    return amounts


def _unsaid_plans(subject: Subject) -> Iterator[str]:
    """The plans that run, and have no resource of their own."""
    users = subject.resources.users_of(subject.resource.urn)
    own = {user.inputs.get("name") for user in users if user.type == _FEATURE}
    for plan, switch in _SWITCHES.items():
        is_off = switch is not None and flag(switch, True)(subject) is False
        if plan not in own and not is_off:
            yield plan


ESTIMATORS: Final = (
    Estimator(
        ("aws:guardduty/detector:Detector",),
        (LOGS, EVENTS, PLANS),
        _detector,
        (
            "Protection plans that AWS switches on by itself have no price; a `DetectorFeature` is told apart.",
            "The first 30 days, which are free, are not deducted. Beyond 500 GB a month there is no price.",
        ),
    ),
    priced(
        _FEATURE,
        parts=(
            Part(
                _PLAN,
                unknown("billed by what it looks at"),
                by={"plan": text("name")},
                when=is_one_of(text("status"), "ENABLED"),
            ),
        ),
        otherwise="the plan is switched off",
    ),
)
