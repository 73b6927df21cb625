"""The API against its own OpenAPI document: requests that fit it and requests that do not, by somebody and by nobody."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.platform_api.hardening.fuzzed_plane import FuzzedPlane

EXAMPLES = 200
"""Of each operation, each way, in a full run."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDS = {
    "delete_project",
    "delete_environment",
    "leave_organization",
    "delete_webhook",
    "delete_notification",
    "remove_domain",
    "remove_member",
    "delete_role",
}
"""What they name is not what the other operations need."""


@schemathesis.serializer("application/gzip")
def as_it_is(context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def operations(plane: FuzzedPlane) -> list[Any]:
    document = plane.client.get("/openapi.json").json()
    found = schemathesis.openapi.from_dict(document).get_all_operations()
    return [one.ok() for one in found if isinstance(one, Ok)]


def send(plane: FuzzedPlane, case: Any, *, known: bool) -> Any:
    """What comes. Every second request is about something that is there."""
    ends = case.operation.definition.raw["operationId"] in ENDS
    if known and not ends and plane.asked % 2:
        case.path_parameters = {
            name: plane.there.get(name, value) for name, value in (case.path_parameters or {}).items()
        }
    wanted = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {
        name: value.encode("latin-1")
        if isinstance(value, str)
        else value  # as HTTP has them; httpx knows ASCII
        for name, value in (wanted.headers or {}).items()
        if name != "Content-Length"
    }
    assert wanted.method is not None
    assert wanted.url is not None
    return plane.ask(wanted.method, wanted.url, known=known, headers=headers, content=wanted.body)


def failures(
    plane: FuzzedPlane, operation: Any, mode: GenerationMode, count: int, *, known: bool
) -> set[str]:
    found: set[str] = set()

    @seed(8)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        try:
            case.validate_response(send(plane, case, known=known), checks=CHECKS)
        except (Failure, FailureGroup) as error:
            found.add(str(error))

    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong with a request that says nothing
        run()
    return found


@pytest.mark.parametrize("known", [True, False], ids=["signed in", "nobody"])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does not"])
def test_answers_are_as_documented(
    plane: FuzzedPlane, mode: GenerationMode, share: float, *, known: bool
) -> None:
    count = max(2, round(EXAMPLES * share))
    wrong = {
        operation.label: found
        for operation in operations(plane)
        if (found := failures(plane, operation, mode, count, known=known))
    }
    assert wrong == {}
