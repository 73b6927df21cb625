"""Errors in the form the caller's protocol wants, so that boto3, Terraform and the AWS CLI can read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.serialize import get_serializer_class

from cygni.local_cloud.aws_calls import AwsCall
from cygni.local_cloud.limits import Refusal


class _LocalError(ServiceException):  # type: ignore[misc]
    """Not one of moto's own: by an error's module moto looks for the service that it belongs to."""


StartResponse = Callable[[str, list[tuple[str, str]]], Any]

# 501 is no status that AWS clients retry: what moto cannot do it will not do at the fifth attempt either.
_NOT_DONE = "501 Not Implemented"


def refuse(call: AwsCall, refusal: Refusal, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as AWS does when a parameter breaks a limit."""
    return _error(call, refusal.code, refusal.message, start_response, None)


def not_implemented(
    call: AwsCall | None, error: Exception | None, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a call that moto does not know."""
    name = str(call) if call else "this operation"
    message = f"The local cloud does not implement {name}" + (f": {error}" if error else "")
    return _error(call, "NotImplemented", message, start_response, _NOT_DONE)


def failed(call: AwsCall | None, error: Exception, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a call that moto broke on."""
    name = str(call) if call else "a call"
    message = f"The local cloud failed on {name}: {type(error).__name__}: {error} (see `cx local logs`)"
    return _error(call, "LocalCloudFailure", message, start_response, _NOT_DONE)


def _error(
    call: AwsCall | None, code: str, message: str, start_response: StartResponse, status: str | None
) -> Iterable[bytes]:
    if call is None:
        start_response(
            status or "400 Bad Request", [("Content-Type", "application/json"), ("X-Amzn-ErrorType", code)]
        )
        return [json.dumps({"__type": code, "message": message}).encode()]
    serializer = get_serializer_class(call.service, call.protocol)(call.model)
    answer = serializer.serialize(_LocalError(code, message))
    body = answer["body"]
    start_response(status or f"{answer['status_code']} Bad Request", list(answer["headers"].items()))
    return [body.encode() if isinstance(body, str) else body]
