"""`/v1/setup`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from cygni.errors import AlreadyExists
from platform_api.access.caller import Transaction
from platform_api.accounts.dependencies import signing_in
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.accounts.router import tokens
from platform_api.accounts.schemas import Tokens
from platform_api.audit.service import Auditing
from platform_api.organizations.schemas import OrganizationCreate
from platform_api.organizations.service import create_organization
from platform_api.setup.service import check_token, close, is_set_up
from platform_api.text import Email, Name, Password
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/setup", tags=["setup"])


class SetupState(BaseModel):
    done: bool


class SetUp(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str
    email: Email
    name: Name
    password: Password
    organization: OrganizationCreate


@router.get("")
async def read_setup(session: Transaction) -> SetupState:
    return SetupState(done=await is_set_up(session))


@router.post("", status_code=201)
async def set_up(request: Request, session: Transaction, wanted: SetUp) -> Tokens:
    """The first account, signed in, which owns the first organisation and runs the server."""
    parts = wiring(request)
    check_token(parts.setup_token, wanted.token)
    if await is_set_up(session):
        raise AlreadyExists("this server is set up already", hint="Sign in: cx login")
    now = parts.clock.now()
    hashed = await parts.passwords.hashed(wanted.password)
    user = User(email=wanted.email, name=wanted.name, password_hash=hashed, operator=True, created_at=now)
    accounts = Accounts(session)
    accounts.add(user)
    await session.flush()
    await close(session, user.id, now)
    made = await create_organization(
        session, parts.clock, user.id, wanted.organization.slug, wanted.organization.name
    )
    actor = {"kind": "user", "id": str(user.id)}
    log = Auditing(session, made.id, actor, request.state.request_id, now)
    await log.record("organization.create", made.slug, after={"name": made.name})
    return tokens(signing_in(parts, session).begin(user))
