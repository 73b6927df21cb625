"""`/v1/sessions` and `/v1/user`: signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from cygni.errors import PermissionDenied, Unauthenticated
from platform_api.access.caller import Known, Transaction
from platform_api.accounts.dependencies import signed_in, signing_in, with_new_password
from platform_api.accounts.repository import Accounts
from platform_api.accounts.schemas import PasswordChange, Refresh, SignIn, Tokens, UserPublic
from platform_api.accounts.service import Refused, SignedIn
from platform_api.database.transactions import Scope
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1", tags=["accounts"])


@router.post("/sessions", status_code=201)
async def sign_in(request: Request, given: SignIn) -> Tokens:
    return tokens(await signed_in(wiring(request), given))


@router.post("/user/password")
async def change_password(request: Request, given: PasswordChange) -> Tokens:
    """By the one until now. Ends all sessions, and begins one; API keys hold on."""
    return tokens(await with_new_password(wiring(request), given, request.state.request_id))


@router.post("/sessions/refresh")
async def refresh_session(request: Request, given: Refresh) -> Tokens:
    parts = wiring(request)
    async with parts.database.transaction(Scope()) as session:
        found = await signing_in(parts, session).refreshed(given.refresh_token)
    if isinstance(found, Refused):
        raise Unauthenticated(found.why, hint="Sign in again: cx login")
    return tokens(found)


@router.delete("/sessions/current", status_code=204)
async def sign_out(request: Request, session: Transaction, known: Known) -> None:
    if known.session is not None:
        await signing_in(wiring(request), session).ended(known.session)


@router.get("/user")
async def read_user(session: Transaction, known: Known) -> UserPublic:
    found = await Accounts(session).user(known.user) if known.user else None
    if found is None:
        raise PermissionDenied("an API key is no person", hint="Sign in with cx login.")
    return UserPublic.model_validate(found)


def tokens(found: SignedIn) -> Tokens:
    return Tokens(
        access_token=found.access_token, access_ends=found.access_ends, refresh_token=found.refresh_token
    )
