"""Reads from an HTTP request which AWS operation it calls and with which parameters.

The service comes from the signature's credential scope, as in moto's own dispatcher; the operation and its
parameters from botocore's models, with moto's routers and parsers, so that both always understand a call alike.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model

Environ = dict[str, Any]

# Signing name -> botocore's service, for the services whose limits are enforced. A signing name that several
# services share (elasticloadbalancing, s3) is told apart in `_service`.
_SAME_NAME = [
    "acm",
    "application-autoscaling",
    "autoscaling",
    "backup",
    "budgets",
    "ce",
    "cloudfront",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticache",
    "events",
    "guardduty",
    "iam",
    "kms",
    "lambda",
    "logs",
    "rds",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "servicediscovery",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "wafv2",
]
SERVICES = dict(zip(_SAME_NAME, _SAME_NAME, strict=True)) | {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
}

_ELBV2_VERSION = "2015-12-01"


@dataclass
class AwsCall:
    """One call of an AWS operation. `protocol` is how it was spelled on the wire ("query", "rest-json", ...)."""

    service: str
    operation: str
    protocol: str
    model: Any = field(repr=False)
    request: Any = field(repr=False)
    uri_parameters: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"

    def parameters(self) -> dict[str, Any]:
        """The call's parameters by their names in botocore's model. Raises ValueError when they are garbled."""
        parser = PROTOCOL_PARSERS[self.protocol](self.model)
        request = self.request
        parsed: dict[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": self.uri_parameters,
            }
        )
        return parsed


class CallReader:
    """Turns requests into calls; None for what is not a call of a service in `SERVICES`.

    The body must be an io.BytesIO (see http_server.py).
    """

    def read(self, environ: Environ) -> AwsCall | None:
        own = io.BytesIO(environ["wsgi.input"].getvalue())  # moto reads the original
        try:
            request = Request({**environ, "wsgi.input": own})
            service = _service(request)
            if service is None:
                return None
            model = get_service_model(service)
            protocol = determine_request_protocol(model, request.content_type)
            if protocol not in PROTOCOL_PARSERS:
                return None
            operation, uri_parameters = get_service_router(service).match(request)
            return AwsCall(service, operation.name, protocol, operation, request, dict(uri_parameters))
        except (NotFound, NotImplementedError, OperationNotFoundError, ValueError):
            return None


def _service(request: Request) -> str | None:
    scope = _credential_scope(request)
    service = SERVICES.get(scope.lower()) if scope else None
    if service == "elbv2" and request.values.get("Version") != _ELBV2_VERSION:
        return None  # a classic load balancer
    if service == "s3" and request.path.startswith("/v20180820/"):
        return None  # S3 Control
    return service


def _credential_scope(request: Request) -> str | None:
    """The service a request is signed for: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    authorization = request.headers.get("Authorization", "")
    if "Credential=" in authorization:
        credential = authorization.partition("Credential=")[2].partition(",")[0]
    else:
        credential = parse_qs(request.query_string.decode("latin-1")).get("X-Amz-Credential", [""])[0]
    parts = credential.split("/")
    return parts[-2] if len(parts) >= 5 else None
