"""AWS Config: what is recorded, and how often rules judge it."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text

_SERVICE: Final = "AWSConfig"
_EVALUATIONS: Final = by_usage(
    "rule evaluations", _SERVICE, "rule-evaluations", "evaluation", "config_evaluations", tiered=True
)
_ITEMS: Final = by_usage("configuration items", _SERVICE, "configuration-items", "item", "config_items")

ESTIMATORS: Final = (
    priced(
        "aws:cfg/rule:Rule",
        "aws:cfg/organizationManagedRule:OrganizationManagedRule",
        "aws:cfg/organizationCustomRule:OrganizationCustomRule",
        "aws:cfg/organizationCustomPolicyRule:OrganizationCustomPolicyRule",
        parts=(_EVALUATIONS,),
        notes=("Tiers are of an account; each rule is counted as if it were the first.",),
    ),
    priced(
        "aws:cfg/recorder:Recorder",
        parts=(Part(_ITEMS, by={"frequency": text("recordingMode.recordingFrequency", "CONTINUOUS")}),),
    ),
    priced(
        "aws:cfg/conformancePack:ConformancePack",
        "aws:cfg/organizationConformancePack:OrganizationConformancePack",
        parts=(
            by_usage(
                "conformance pack evaluations", _SERVICE, "conformance-pack-evaluations", "evaluation",
                "config_evaluations",
            ),
        ),
    ),
)  # fmt: skip
