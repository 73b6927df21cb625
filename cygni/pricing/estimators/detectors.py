"""Security Hub, Inspector, Macie and Detective, which look at a whole account and are billed by what they see."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, negated, text

ESTIMATORS: Final = (
    priced(
        "aws:securityhub/account:Account",
        parts=(
            by_usage("security checks", "AWSSecurityHub", "checks", "check", "security_checks", tiered=True),
        ),
        notes=("Findings that others send in cost nothing up to 10,000 a month.",),
    ),
    priced(
        "aws:inspector2/enabler:Enabler",
        parts=(
            by_usage(
                "instances scanned",
                "AmazonInspector",
                "ec2-instance",
                "instance-month",
                "inspected_instances",
            ),
            by_usage("images scanned", "AmazonInspector", "ecr-image", "image", "inspected_images"),
        ),
        not_counted=("functions and repositories of code that are scanned",),
    ),
    priced(
        "aws:macie2/account:Account",
        parts=(
            Part(
                by_usage("buckets watched", "AmazonMacie", "bucket", "bucket-month", "macie_buckets"),
                when=negated(is_one_of(text("status", "ENABLED"), "PAUSED")),
            ),
        ),
        otherwise="it is paused",
    ),
    priced(
        "aws:macie2/classificationJob:ClassificationJob",
        parts=(by_usage("data inspected", "AmazonMacie", "data-inspected", "GB", "macie_gb"),),
    ),
    priced(
        "aws:detective/graph:Graph",
        parts=(by_usage("data ingested", "AmazonDetective", "data-in", "GB", "guardduty_gb"),),
    ),
)
