"""ECR repositories: stored images."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, by_usage
from cygni.pricing.parts import priced

ESTIMATORS: Final = (
    Estimator(
        ("aws:ecr/repository:Repository",),
        (by_usage("image storage", "AmazonECR", "storage", "GB-month", "ecr_storage_gb"),),
        notes=("Pulling images from the same region is free.",),
        not_counted=("scanning by Amazon Inspector",),
    ),
    priced(
        "aws:ecrpublic/repository:Repository",
        parts=(
            by_usage("public image storage", "AmazonECR", "public-storage", "GB-month", "ecr_storage_gb"),
        ),
        notes=("50 GB a month are free, and not deducted.",),
    ),
)
