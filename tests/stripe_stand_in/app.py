"""The stand-in's HTTP: one entrance, which does for every request what Stripe does for every request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.stripe_stand_in import customers, invoices, metering
from tests.stripe_stand_in.account import KEY, KEYS_KEPT, Account, Fault, Kept, Problem, Sent

Handler = Callable[..., dict[str, Any]]
ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", r"/v1/customers", customers.create_customer),
    ("GET", r"/v1/customers/search", customers.search_customers),
    ("GET", r"/v1/customers/([^/]+)", customers.read_customer),
    ("POST", r"/v1/customers/([^/]+)", customers.update_customer),
    ("POST", r"/v1/checkout/sessions", customers.create_checkout),
    ("GET", r"/v1/checkout/sessions/([^/]+)", customers.read_checkout),
    ("POST", r"/v1/billing_portal/sessions", customers.create_portal),
    ("GET", r"/v1/billing/meters", metering.list_meters),
    ("POST", r"/v1/billing/meters", metering.create_meter),
    ("POST", r"/v1/billing/meter_events", metering.create_meter_event),
    ("GET", r"/v1/billing/meters/([^/]+)/event_summaries", metering.list_summaries),
    ("GET", r"/v1/invoices", invoices.list_invoices),
    ("POST", r"/v1/invoices", invoices.create_invoice),
    ("GET", r"/v1/invoices/([^/]+)", invoices.read_invoice),
    ("POST", r"/v1/invoices/([^/]+)/finalize", invoices.finalize_invoice),
    ("POST", r"/v1/invoices/([^/]+)/void", invoices.void_invoice),
    ("POST", r"/v1/invoices/([^/]+)/pay", invoices.pay_invoice),
    ("GET", r"/v1/invoiceitems", invoices.list_items),
    ("POST", r"/v1/invoiceitems", invoices.create_item),
    ("GET", r"/v1/credit_notes", invoices.list_credit_notes),
    ("POST", r"/v1/credit_notes", invoices.create_credit_note),
]
LONGER_THAN_ANYBODY_WAITS = 5.0


class CutOff(Response):
    """An answer that ends before it is whole, as a connection that breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def create_app(account: Account) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST", "DELETE"])
    async def entrance(request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        kind = request.headers.get("content-type", "")
        sent = Sent(request.method, request.url.path, request.url.query, await request.body(), kind, key)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            unknown = Problem("Invalid API Key provided: sk_test_****0000", status=401)
            return JSONResponse(unknown.body, unknown.status)
        account.received.append(sent)
        return await _serve(account, sent)

    return app


async def _serve(account: Account, sent: Sent) -> Response:
    fault = account.script(sent)
    if fault is Fault.BUSY:
        busy = Problem("Request rate limit exceeded.", status=429, code="rate_limit")
        return JSONResponse(busy.body, busy.status, {"Retry-After": "7"})
    if fault is Fault.CUT_BEFORE:
        return CutOff()
    status, answer = _with_key(account, sent, fault)
    if fault is Fault.CUT_AFTER:
        return CutOff()
    if fault is Fault.SLOW_AFTER:
        await asyncio.sleep(LONGER_THAN_ANYBODY_WAITS)
    return JSONResponse(answer, status)


def _with_key(account: Account, sent: Sent, fault: Fault | None) -> tuple[int, dict[str, Any]]:
    """The first answer to an idempotency key is given again for a day, also where it was an error of Stripe's."""
    request, now = (sent.method, sent.path, sent.body), account.clock.now()
    kept = account.kept.get(sent.idempotency_key or "")
    if kept is not None and now - kept.at < KEYS_KEPT:
        if kept.request != request:
            other = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            return 400, Problem(other, type="idempotency_error").body
        return kept.status, kept.answer
    status, answer = _done(account, sent, fault)
    if sent.idempotency_key and sent.method == "POST":
        account.kept[sent.idempotency_key] = Kept(request, now, status, answer)
    return status, answer


def _done(account: Account, sent: Sent, fault: Fault | None) -> tuple[int, dict[str, Any]]:
    wrong = Problem("An unknown error occurred.", status=500, type="api_error")
    if fault is Fault.ERROR_BEFORE:
        return wrong.status, wrong.body
    if fault is Fault.REFUSED:
        return 400, Problem("The customer has no email address.").body
    try:
        answer = _dispatch(account, sent)
    except Problem as problem:
        return problem.status, problem.body
    return (wrong.status, wrong.body) if fault is Fault.ERROR_AFTER else (200, answer)


def _dispatch(account: Account, sent: Sent) -> dict[str, Any]:
    params = nested(sent.body.decode() if sent.method == "POST" else sent.query)
    for method, path, handler in ROUTES:
        found = re.fullmatch(path, sent.path)
        if method == sent.method and found:
            return handler(account, params, *found.groups())
    raise Problem(f"Unrecognized request URL ({sent.method}: {sent.path}).", status=404)


def nested(encoded: str) -> dict[str, Any]:
    """`a[b]=c` as `{"a": {"b": "c"}}`, and `a[0]=b` as `{"a": ["b"]}`."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(encoded)):
        first, *inner = re.findall(r"[^\[\]]+", name)
        place = found
        for one in inner:
            place = place.setdefault(first, {})
            first = one
        place[first] = value
    return {name: _lists(value) for name, value in found.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    return list(inner.values()) if all(name.isdigit() for name in inner) else inner
