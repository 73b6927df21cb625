"""`/v1/organizations/{organization}/invitations`, and accepting one."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from cygni.billing.entitlements import Limit
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission, Role, require_giving
from platform_api.accounts.dependencies import signing_in
from platform_api.accounts.router import tokens
from platform_api.accounts.schemas import Tokens
from platform_api.audit.service import Audit, Auditing
from platform_api.invitations.repository import Invitations
from platform_api.invitations.service import Accepting, Seats, invite, withdraw_open
from platform_api.roles.repository import Roles
from platform_api.text import Email, Name, Password, Slug
from platform_api.wiring import entitlements, wiring

router = APIRouter(prefix="/v1", tags=["members"])

Managing = Annotated[Access, Depends(Allowed(Permission.MEMBER_MANAGE))]


class Invite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Slug | None = Role.DEVELOPER.value


class Invited(BaseModel):
    """`token` is shown once; the guest gives it to accept."""

    token: str
    expires_at: datetime


class InvitationPublic(BaseModel):
    """One that can still be accepted. `role` is null for somebody who is to be in single projects only."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    role: str | None
    created_at: datetime
    expires_at: datetime


class InvitationList(BaseModel):
    items: list[InvitationPublic]


class Accept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str
    name: Name
    password: Password


@router.get("/organizations/{organization}/invitations")
async def list_invitations(request: Request, session: Transaction, managing: Managing) -> InvitationList:
    """Those that can still be accepted."""
    found = await Invitations(session, managing.organization.id).open(wiring(request).clock.now())
    return InvitationList(items=[InvitationPublic.model_validate(one) for one in found])


@router.post("/organizations/{organization}/invitations", status_code=201)
async def invite_member(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: Invite
) -> Invited:
    """In the place of an open one of the same address, for who may give the role of that one too."""
    parts = wiring(request)
    now, organization = parts.clock.now(), managing.organization.id
    roles, invitations = Roles(session, organization), Invitations(session, organization)
    await invitations.hold(wanted.email)
    require_giving(managing.permissions, await roles.given(wanted.role), wanted.role)
    for one in await invitations.open_of(wanted.email, now):
        require_giving(managing.permissions, await roles.allowed_by(one.role), one.role)
    seats = Seats(session, organization, now)
    await entitlements(request, session, organization).require_place(
        Limit.SEATS, partial(seats.without, wanted.email)
    )
    await withdraw_open(audit, wanted.email)
    invitation, token = invite(managing, parts.pepper, now, wanted.email, wanted.role)
    session.add(invitation)
    await audit.record("invitation.create", wanted.email, after={"role": wanted.role})
    return Invited(token=token.text, expires_at=invitation.expires_at)


@router.delete("/organizations/{organization}/invitations/{invitation}", status_code=204)
async def withdraw_invitation(
    session: Transaction, managing: Managing, audit: Audit, invitation: uuid.UUID
) -> None:
    """Its token does not hold any more. Who may not give its role may not take it back either."""
    found = await Invitations(session, managing.organization.id).existing(invitation)
    allowed = await Roles(session, managing.organization.id).allowed_by(found.role)
    require_giving(managing.permissions, allowed, found.role)
    await session.delete(found)
    await audit.record("invitation.delete", found.email, before={"role": found.role})


@router.post("/invitations/accept", status_code=201)
async def accept_invitation(request: Request, session: Transaction, given: Accept) -> Tokens:
    """Makes the guest a member, with an account where there is none yet, and signs them in. Other invitations of
    theirs to the organization do not hold any more."""
    parts = wiring(request)
    now = parts.clock.now()
    invitation, user = await Accepting(session, parts.passwords, parts.pepper, now).accept(
        given.token, given.name, given.password
    )
    await entitlements(request, session, invitation.organization_id).require_place(
        Limit.SEATS, Seats(session, invitation.organization_id, now).before_the_last
    )
    actor = {"kind": "user", "id": str(user.id)}
    log = Auditing(session, invitation.organization_id, actor, request.state.request_id, now)
    signed_in = signing_in(parts, session).begin(user)
    await withdraw_open(log, user.email)
    await log.record("invitation.accept", user.email, after={"role": invitation.role})
    return tokens(signed_in)
