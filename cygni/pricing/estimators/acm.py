"""ACM certificates: public ones are free, private and exportable ones are not."""

from __future__ import annotations

from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Free, Gap, Measured, fixed
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

PRIVATE: Final = fixed(
    "private certificate", "AWSACMPCA", "certificate", "certificate", tiered=True, mode="general-purpose"
)


def _certificate(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    if resource.inputs.get("certificateAuthorityArn") is not None:
        reason = "a private certificate is billed when issued, at a price that depends on its authority"
        return [Amount(PRIVATE, Gap(reason))]
    options = inputs.mapping(resource.inputs, "options")
    if not isinstance(options, Gap) and options.get("export") == "ENABLED":
        return [Amount(PRIVATE, Gap("an exportable public certificate is billed when issued, by its names"))]
    return Free("a public certificate costs nothing")


ESTIMATORS: Final = (
    Estimator(
        ("aws:acm/certificate:Certificate",),
        (PRIVATE,),
        _certificate,
        ("Public certificates are free; private and exportable ones are shown without a price.",),
    ),
)
