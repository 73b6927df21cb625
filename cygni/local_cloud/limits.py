"""Refuses what AWS would refuse: names too long, characters not allowed, values out of range.

moto checks few of these, so a stack that works on it may fail on AWS at the first deploy. Limits come from
botocore's service models, and from AWS's documentation where the models are silent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cygni.local_cloud.documented_limits import broken_rule
from cygni.local_cloud.model_limits import ShapeLimits, Violation

log = logging.getLogger(__name__)

# The code AWS answers with when a parameter breaks a limit, by service; the others follow their protocol.
_CODES = {
    "budgets": "InvalidParameterException",
    "cloudfront": "InvalidArgument",
    "cloudwatch": "ValidationError",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "ecs": "InvalidParameterException",
    "eks": "InvalidParameterException",
    "elasticache": "InvalidParameterValue",
    "guardduty": "BadRequestException",
    "logs": "InvalidParameterException",
    "rds": "InvalidParameterValue",
    "route53": "InvalidInput",
    "s3": "InvalidArgument",
    "securityhub": "InvalidInputException",
    "servicediscovery": "InvalidInput",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
    "wafv2": "WAFInvalidParameterException",
}
_CODE_BY_PROTOCOL = {"query": "ValidationError"}
_MISSING = {"ec2": "MissingParameter", "rds": "MissingParameter", "elasticache": "MissingParameter"}


class Call(Protocol):
    """What the limits need to know of a call (see aws_calls.AwsCall)."""

    service: str
    operation: str
    protocol: str
    model: Any

    def parameters(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of AWS: its code, and a message that names the parameter and the limit."""

    code: str
    message: str


class Limits:
    """Checks calls; remembers compiled shapes by service, so the first call of an operation costs more."""

    def __init__(self) -> None:
        self._shapes: dict[str, dict[str, ShapeLimits]] = {}

    def check(self, call: Call) -> Refusal | None:
        """The refusal AWS would answer, or None. A call that cannot be read is left to moto."""
        if call.model.input_shape is None:
            return None
        try:
            parameters = call.parameters()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("%s %s: parameters not understood (%s)", call.service, call.operation, error)
            return None
        rule = broken_rule(call.service, call.operation, parameters)
        if rule is not None:
            return Refusal(rule.code or _code(call), rule.message)
        violations = list(self._of(call).violations(parameters))
        return _refusal(call, violations) if violations else None

    def _of(self, call: Call) -> ShapeLimits:
        known = self._shapes.setdefault(call.service, {})
        shape = call.model.input_shape
        limits = known.get(shape.name)
        if limits is None:
            # S3, Route 53 and CloudFront spell some parameters in ways the parser does not give back.
            requires = call.protocol != "rest-xml"
            limits = known[shape.name] = ShapeLimits(shape, known, requires=requires)
        return limits


def _refusal(call: Call, violations: Sequence[Violation]) -> Refusal:
    code = _code(call)
    if call.service in _MISSING and all(violation.value is None for violation in violations):
        code = _MISSING[call.service]
    errors = "error" if len(violations) == 1 else "errors"
    listed = "; ".join(str(violation) for violation in violations[:10])
    return Refusal(code, f"{len(violations)} validation {errors} detected: {listed}")


def _code(call: Call) -> str:
    return _CODES.get(call.service) or _CODE_BY_PROTOCOL.get(call.protocol, "ValidationException")
