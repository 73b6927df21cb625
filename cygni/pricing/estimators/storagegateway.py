"""Storage Gateway: what is written through it, and what it keeps."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text

ESTIMATORS: Final = (
    priced(
        "aws:storagegateway/gateway:Gateway",
        parts=(
            Part(
                by_usage("data written", "AWSStorageGateway", "data-written", "GB", "gateway_gb"),
                by={"gateway_type": text("gatewayType", "STORED")},
            ),
        ),
        notes=("Files are kept, and billed, in S3.",),
    ),
)
