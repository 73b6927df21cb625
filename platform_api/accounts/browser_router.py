"""`/v1/browser-sessions`: signing in and out by cookies, for pages in browsers."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from cygni.errors import Unauthenticated
from platform_api.access.caller import Known, Transaction
from platform_api.access.cookies import ACCESS, CSRF, REFRESH, CookieJar, cookie, require_own_page
from platform_api.accounts.dependencies import signed_in, signing_in
from platform_api.accounts.schemas import SignIn
from platform_api.accounts.service import Refused, SignedIn
from platform_api.database.transactions import Scope
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/browser-sessions", tags=["accounts"])


class BrowserSession(BaseModel):
    """The tokens are in cookies that no script reads. `csrf_token` goes into `X-CSRF-Token` of every request that
    changes something, until `access_ends`; a refresh tells it again."""

    csrf_token: str
    access_ends: datetime


@router.post("", status_code=201)
async def begin_browser_session(request: Request, response: Response, given: SignIn) -> BrowserSession:
    parts = wiring(request)
    require_own_page(request, parts.edge.origins)  # or a stranger signs somebody in as themselves
    return _kept(request, response, await signed_in(parts, given))


@router.post("/refresh")
async def refresh_browser_session(request: Request, response: Response) -> BrowserSession:
    """The next tokens, by the cookie of the refresh token and `X-CSRF-Token`."""
    parts = wiring(request)
    text = cookie(request, REFRESH)
    if text is None:
        raise Unauthenticated("the browser has no session here", hint="Sign in again.")
    async with parts.database.transaction(Scope()) as session:
        desk = signing_in(parts, session)
        known = await desk.session_of(text)
        if known is not None:
            parts.csrf_tokens.require(request, known, parts.edge.origins)
        found = await desk.refreshed(text)
    if isinstance(found, Refused):
        raise Unauthenticated(found.why, hint="Sign in again.")
    return _kept(request, response, found)


@router.delete("/current", status_code=204)
async def end_browser_session(
    request: Request, response: Response, session: Transaction, known: Known
) -> None:
    if known.session is not None:
        await signing_in(wiring(request), session).ended(known.session)
    CookieJar(request, response).forget(ACCESS, REFRESH, CSRF)


def _kept(request: Request, response: Response, found: SignedIn) -> BrowserSession:
    jar = CookieJar(request, response)
    proof = wiring(request).csrf_tokens.of(found.session)
    jar.keep(ACCESS, found.access_token, found.access_ends)
    jar.keep(REFRESH, found.refresh_token, found.refresh_ends)
    jar.keep(CSRF, proof, found.refresh_ends, readable=True)
    response.headers["Cache-Control"] = "no-store"
    return BrowserSession(csrf_token=proof, access_ends=found.access_ends)
