"""What FastAPI writes of the routes, completed: a problem for every status that may come, examples, words on tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from platform_api.openapi.examples import REFERENCE, example_of
from platform_api.problems import MEDIA_TYPE, Problem

_S = HTTPStatus
_METHODS = ("get", "put", "post", "delete", "patch")

TAGS: Final[Mapping[str, str]] = {
    "health": "Whether the server answers, and can serve.",
    "setup": "The first account and organization.",
    "accounts": "Signing in and out.",
    "organizations": "Who projects belong to.",
    "members": "People of an organization or a project, and what they may.",
    "projects": "What is deployed.",
    "environments": "Where a project is deployed.",
    "secrets": "Values that go in and do not come out.",
    "sources": "Folders of projects, as they are sent.",
    "deployments": "Attempts to make something live.",
    "inquiries": "Questions about an environment, which change nothing.",
    "domains": "Names that are shown to be an organization's, and certificates for them.",
    "webhooks": "Telling other programs.",
    "usage": "What was used, event by event.",
    "plans": "What the server charges for.",
    "billing": "What an organization is billed by, and what it pays.",
    "operators": "Who runs the server.",
    "budgets": "How much may be used or spent, and what follows.",
    "notifications": "Telling people.",
    "API keys": "Keys of programs.",
    "audit": "Who did what.",
}

_PROBLEMS: Final[Mapping[HTTPStatus, tuple[str, str]]] = {
    _S.BAD_REQUEST: ("bad_request", "There was an error parsing the body"),
    _S.UNAUTHORIZED: ("unauthenticated", "who asks is not said"),
    _S.PAYMENT_REQUIRED: ("budget_exceeded", "the budget monthly has too little left"),
    _S.FORBIDDEN: ("permission_denied", "this needs the permission project:update"),
    _S.NOT_FOUND: ("not_found", "there is no project 'shop' in 'acme'"),
    _S.CONFLICT: ("already_exists", "there is a project 'shop' already"),
    _S.REQUEST_ENTITY_TOO_LARGE: ("content_too_large", "a request to this path has at most 1 MiB"),
    _S.PRECONDITION_FAILED: ("precondition_failed", "somebody else has changed it since"),
    _S.UNPROCESSABLE_ENTITY: ("invalid_request", "the request does not fit its description"),
    _S.TOO_MANY_REQUESTS: ("rate_limited", "too many requests"),
    _S.INTERNAL_SERVER_ERROR: (
        "internal_error",
        "something went wrong here; the server's log tells more",
    ),
    _S.SERVICE_UNAVAILABLE: ("unavailable", "the database does not answer at the moment"),
    _S.GATEWAY_TIMEOUT: ("timeout", "the server did not get it done in 30 s"),
}
"""For each status that is no success: a code and a detail that come with it."""


def install(app: FastAPI) -> None:
    """The application tells its completed document; made once, as its routes stay."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = get_openapi(
                title=app.title,
                version=app.version,
                routes=app.routes,
                tags=[{"name": name, "description": words} for name, words in TAGS.items()],
            )
            app.openapi_schema = completed(told)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def operation_id(route: APIRoute) -> str:
    """The name of the function, which does not change with its path."""
    return route.name


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each with its method, in small letters, and its path."""
    for path, found in document["paths"].items():
        for method in _METHODS:
            if method in found:
                yield method, path, found[method]


def completed(document: dict[str, Any]) -> dict[str, Any]:
    components = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components["Problem"] = Problem.model_json_schema(ref_template=REFERENCE + "{model}")
    for method, path, operation in operations(document):
        for status in statuses(method, path, operation):
            operation["responses"][str(int(status))] = _problem(status)
        operation["responses"] = dict(sorted(operation["responses"].items()))
        _add_examples(operation, components)
    return document


def statuses(method: str, path: str, operation: Mapping[str, Any]) -> list[HTTPStatus]:
    """Those, other than of success, that an operation may answer with."""
    if path == "/health":
        return []
    found = {_S.INTERNAL_SERVER_ERROR, _S.SERVICE_UNAVAILABLE, _S.GATEWAY_TIMEOUT}
    found |= {HTTPStatus(int(one)) for one in operation["responses"] if int(one) >= 400}
    known, changes, body = "security" in operation, method != "get", "requestBody" in operation
    if known:
        found |= {_S.UNAUTHORIZED, _S.FORBIDDEN, _S.TOO_MANY_REQUESTS}
        found |= {_S.CONFLICT} if changes else set()
    elif changes:  # a credential comes in the body, or in a cookie
        found |= {_S.UNAUTHORIZED, _S.FORBIDDEN, _S.TOO_MANY_REQUESTS, _S.CONFLICT}
    if "{" in path:
        found |= {_S.NOT_FOUND}
    if body:
        found |= {_S.BAD_REQUEST, _S.REQUEST_ENTITY_TOO_LARGE}
    if body or operation.get("parameters"):
        found |= {_S.UNPROCESSABLE_ENTITY}
    if any(one["name"].lower() == "if-match" for one in operation.get("parameters", ())):
        found |= {_S.PRECONDITION_FAILED}
    return sorted(found)


def _problem(status: HTTPStatus) -> dict[str, Any]:
    code, detail = _PROBLEMS[status]
    example = Problem.of(status, code, detail).model_dump(exclude_none=True)
    return {
        "description": status.phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{REFERENCE}Problem"}, "example": example}},
    }


def _add_examples(operation: dict[str, Any], components: Mapping[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["required"]:
            parameter["example"] = example_of(parameter["schema"], components, parameter["name"])
    said = [operation["requestBody"]] if "requestBody" in operation else []
    for one in (*said, *operation["responses"].values()):
        for kind, content in one.get("content", {}).items():
            if kind == "application/json":
                content.setdefault("example", example_of(content["schema"], components))
