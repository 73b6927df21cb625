"""Creates whose answer never came.

Where a connection breaks after the request was sent, nobody knows whether AWS has done it. botocore sends such a
request again, which makes a second internet gateway, address or task definition. So a create is not repeated then:
what it made is looked up instead. An answer, be it a refusal for too many requests, says that nothing was made, and
is left to botocore's retries; so is a connection that never came about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What makes another thing each time it is called, or is refused the second time, begins with one of these.
_MAKING = ("Allocate", "Create", "EnableSecurityHub", "Purchase", "Register", "Request", "Run")
# These say how something is to be; saying it twice changes nothing.
_SETTING = frozenset({"CreateTags", "CreateOrUpdateTags", "RegisterScalableTarget", "RegisterTargets"})


class Unanswered(RuntimeError):
    """A create got no answer, and nothing that it made is to be found."""


def makes_anew(operation: str) -> bool:
    """Whether a second call of the API's `operation` (`CreateVpc`) may make a second thing."""
    return operation.startswith(_MAKING) and operation not in _SETTING


def may_have_arrived(error: BaseException | None) -> bool:
    """Whether the request may have been acted upon although this is all the caller got."""
    from botocore.exceptions import HTTPClientError
    from botocore.parsers import ResponseParserError

    # What fails before anything is sent (refused, no route, no such host) is botocore's ConnectionError.
    return isinstance(error, HTTPClientError | ResponseParserError)


def guard(client: Any) -> None:
    """Let a botocore client repeat no create that got no answer, and take no answer that was cut off for a whole
    one: it would read `{"QueueUrl": "htt` as an answer that says nothing."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"needs-retry.{service}", _refuse)
    client.meta.events.register_first(f"before-parse.{service}", _check_length)


def _refuse(operation: Any, caught_exception: BaseException | None, **_: Any) -> bool | None:
    """False ends botocore's attempts, None leaves it to the handlers that follow."""
    return False if makes_anew(operation.name) and may_have_arrived(caught_exception) else None


def _check_length(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Raises ResponseParserError for a body shorter than its Content-Length."""
    from botocore.parsers import ResponseParserError

    headers, body = response_dict["headers"], response_dict["body"]
    if operation_model.http.get("method") == "HEAD" or "content-encoding" in headers:
        return
    promised = headers.get("content-length", "")
    if isinstance(body, bytes) and promised.isdigit() and len(body) < int(promised):
        raise ResponseParserError(
            f"{operation_model.name}: the connection broke after {len(body)} of {promised} bytes of the answer"
        )
