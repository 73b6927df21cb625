"""Errors as RFC 9457 problem details: the one place where an error gets a status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from cygni import errors
from platform_api.access import refusals
from platform_api.access.rate_limits import RateLimited
from platform_api.database.transactions import AWAY
from platform_api.misfits import sentence

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
"""So many of what does not fit a request are told."""
_TYPE = "https://cygni.dev/errors/"

_STATUS: dict[type[errors.CygniError], HTTPStatus] = {
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.PermissionDenied: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    # No 409: that tells clients to look again and retry, and here only somebody who pays changes anything.
    errors.BudgetExceeded: HTTPStatus.PAYMENT_REQUIRED,
    errors.PaymentOverdue: HTTPStatus.PAYMENT_REQUIRED,
    errors.AlreadyExists: HTTPStatus.CONFLICT,
    errors.LockHeld: HTTPStatus.CONFLICT,
    errors.WrongState: HTTPStatus.CONFLICT,
    errors.LimitReached: HTTPStatus.FORBIDDEN,
    errors.WorldChanged: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.Unreachable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SpecError: HTTPStatus.UNPROCESSABLE_ENTITY,
}

logger = structlog.get_logger()


class Invalid(BaseModel):
    """What is wrong `at` a place of the request, such as `["body", "slug"]`."""

    at: list[str]
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` outlives the wording of `detail`; `hint` says what to do, `details` is for programs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    details: dict[str, Any] | None = None
    errors: list[Invalid] | None = None

    @classmethod
    def of(cls, status: HTTPStatus, code: str, detail: str, **more: Any) -> Problem:
        """`more` holds `hint`, `details`, `errors`."""
        found = {name: value for name, value in more.items() if value}
        return cls(
            type=f"{_TYPE}{code}", title=status.phrase, status=int(status), code=code, detail=detail, **found
        )


def status_of(error: errors.CygniError) -> HTTPStatus:
    """The status of the nearest class above that has one; 500 for what is nobody's fault outside."""
    found = (_STATUS[one] for one in type(error).__mro__ if one in _STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(status: HTTPStatus, code: str, detail: str, **more: Any) -> JSONResponse:
    """`more` holds `hint`, `details`, `errors`; what is None is left out."""
    body = Problem.of(status, code, detail, **more).model_dump(exclude_none=True)
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


class ContentTooLarge(HTTPException):
    """More than `most` bytes came. Of FastAPI's errors, since it turns others that come while it reads into 400."""

    def __init__(self, most: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.most = most


def content_too_large(most: int) -> JSONResponse:
    told = f"{most // 1024**2} MiB" if most >= 1024**2 else f"{most // 1024} KiB"
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "content_too_large",
        f"a request to this path has at most {told}",
        hint="Of a source, leave out what is built or installed, such as node_modules and .venv."
        if most > 1024**2
        else None,
    )


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.CygniError, _cygni)
    app.add_exception_handler(errors.PermissionDenied, _refused)
    app.add_exception_handler(RateLimited, limited)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ContentTooLarge, _too_large)
    app.add_exception_handler(IntegrityError, _integrity)
    for error in AWAY:
        app.add_exception_handler(error, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _cygni(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.CygniError)
    return problem(status_of(error), error.code, error.message, hint=error.hint, details=error.details)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.PermissionDenied)
    await refusals.note(request, error)
    return await _cygni(request, error)


async def limited(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RateLimited)
    answer = problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limited",
        str(error),
        hint=f"Ask again in {error.decision.retry_after} s.",
    )
    answer.headers.update(error.decision.headers)
    return answer


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """What was sent is not repeated: it may hold a password. A small request can be wrong in very many places."""
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    found = [
        Invalid(at=[_as_text(part) for part in one["loc"]], message=sentence(one))
        for one in wrong[:MOST_ERRORS]
    ]
    more = len(wrong) - len(found)
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_request",
        "the request does not fit its description",
        hint=f"The first {MOST_ERRORS} are told; {more} more do not fit." if more else None,
        errors=found,
    )


def _as_text(part: object) -> str:
    """The name of a field, which somebody may have made of half characters that no text can hold."""
    return str(part).encode("utf-8", "replace").decode()


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    answer = problem(status, status.name.lower(), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _too_large(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ContentTooLarge)
    return content_too_large(error.most)


async def _integrity(request: Request, error: Exception) -> JSONResponse:
    """What a row refers to was there when it was looked at, and has been deleted since; or what is to be made was not,
    and has been made. All else is a mistake here."""
    assert isinstance(error, IntegrityError)
    if isinstance(error.orig, ForeignKeyViolation):
        return await _cygni(
            request, errors.WorldChanged("what this belongs to was deleted at the same moment")
        )
    if isinstance(error.orig, UniqueViolation):
        hint = "Look at what is there now, and ask again if it is not what you want."
        return await _cygni(request, errors.WorldChanged("somebody made it at the same moment", hint=hint))
    return await _unexpected(request, error)


async def _database(request: Request, error: Exception) -> JSONResponse:
    """A database that is away or too busy is no fault of the request: it can be made again."""
    reason = next(iter(str(getattr(error, "orig", None) or error).strip().splitlines()), "")
    logger.warning("the database failed", error=type(error).__name__, reason=reason)
    answer = problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "the database does not answer at the moment"
    )
    answer.headers["Retry-After"] = "2"
    return answer


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    named = getattr(request.state, "request_id", None)
    logger.error("a request failed", path=request.url.path, request_id=named, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "something went wrong here; the server's log tells more",
    )
