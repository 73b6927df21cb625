"""SageMaker AI: endpoints, notebooks and domains' apps by instance."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_set, negated, text, whole

_SERVICE: Final = "AmazonSageMaker"

ESTIMATORS: Final = (
    priced(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        parts=(
            Part(
                fixed("endpoint instance {instance_type}", _SERVICE, "endpoint-instance", "hour"),
                whole("initialInstanceCount", 1),
                by={"instance_type": text("instanceType")},
                when=negated(is_set("serverlessConfig")),
                each="productionVariants",
            ),
            Part(
                by_usage("serverless inference", _SERVICE, "serverless-inference", "GB-second", None),
                when=is_set("serverlessConfig"),
                each="productionVariants",
            ),
        ),
        notes=("Billed while an endpoint uses it.",),
        not_counted=("what is sent in and out",),
    ),
    priced(
        "aws:sagemaker/notebookInstance:NotebookInstance",
        parts=(
            Part(
                fixed("notebook instance {instance_type}", _SERVICE, "notebook-instance", "hour"),
                by={"instance_type": text("instanceType")},
            ),
            Part(fixed("notebook storage", _SERVICE, "notebook-storage", "GB-month"), whole("volumeSize", 5)),
        ),
        notes=("Running all month, with a disk of 5 GB unless said otherwise.",),
    ),
    priced(
        "aws:sagemaker/app:App",
        parts=(
            Part(
                fixed("studio instance {instance_type}", _SERVICE, "studio-instance", "hour"),
                by={"instance_type": text("resourceSpec.instanceType")},
            ),
        ),
        notes=("Running all month.",),
    ),
)
