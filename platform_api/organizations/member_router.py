"""`/v1/organizations/{organization}/members` and `/invitations`, and accepting one."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from cygni.billing.entitlements import Limit
from cygni.errors import PermissionDenied
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction, access
from platform_api.access.permissions import Permission, Role, require_giving
from platform_api.accounts.dependencies import signing_in
from platform_api.accounts.router import tokens
from platform_api.accounts.schemas import Tokens
from platform_api.audit.service import Audit, Auditing
from platform_api.invitations.service import Accepting, Seats, invite
from platform_api.organizations.members import Members
from platform_api.roles.repository import Roles
from platform_api.text import Email, Name, Password, Slug
from platform_api.wiring import entitlements, wiring

router = APIRouter(prefix="/v1", tags=["members"])

Reading = Annotated[Access, Depends(Allowed(Permission.MEMBER_READ))]
Managing = Annotated[Access, Depends(Allowed(Permission.MEMBER_MANAGE))]
Inside = Annotated[Access, Depends(access)]


class MemberPublic(BaseModel):
    """`role` is null for somebody who is in single projects only."""

    user: uuid.UUID
    email: str
    name: str
    role: str | None


class MemberList(BaseModel):
    items: list[MemberPublic]


class RoleChange(BaseModel):
    """`role` is one that is always there, or one of the organization's own."""

    model_config = ConfigDict(extra="forbid")

    role: Slug | None


class Invite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Slug | None = Role.DEVELOPER.value


class Invited(BaseModel):
    """`token` is shown once; the guest gives it to accept."""

    token: str
    expires_at: datetime


class Accept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str
    name: Name
    password: Password


@router.get("/organizations/{organization}/members")
async def list_members(session: Transaction, reading: Reading) -> MemberList:
    found = await Members(session, reading).all()
    return MemberList(
        items=[
            MemberPublic(user=user.id, email=user.email, name=user.name, role=one.role) for one, user in found
        ]
    )


@router.patch("/organizations/{organization}/members/{user}", status_code=204)
async def change_role(
    session: Transaction, managing: Managing, audit: Audit, user: uuid.UUID, wanted: RoleChange
) -> None:
    _, before = await Members(session, managing).change(user, wanted.role)
    await audit.record("member.update", str(user), before={"role": before}, after={"role": wanted.role})


@router.delete("/organizations/{organization}/members/{user}", status_code=204)
async def remove_member(session: Transaction, managing: Managing, audit: Audit, user: uuid.UUID) -> None:
    gone = await Members(session, managing).remove(user)
    await audit.record("member.delete", str(user), before={"role": gone.role})


@router.delete("/organizations/{organization}/membership", status_code=204)
async def leave_organization(session: Transaction, inside: Inside, audit: Audit) -> None:
    """The caller leaves the organisation."""
    if inside.caller.user is None:
        raise PermissionDenied("an API key is no member", hint="Revoke it: cx token revoke")
    gone = await Members(session, inside).remove(inside.caller.user)
    await audit.record("member.delete", str(gone.user_id), before={"role": gone.role})


@router.post("/organizations/{organization}/invitations", status_code=201)
async def invite_member(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: Invite
) -> Invited:
    parts = wiring(request)
    allowed = await Roles(session, managing.organization.id).given(wanted.role)
    require_giving(managing.permissions, allowed, wanted.role)
    now, organization = parts.clock.now(), managing.organization.id
    seats = Seats(session, organization, now)
    await entitlements(request, session, organization).require_place(
        Limit.SEATS, partial(seats.without, wanted.email)
    )
    invitation, token = invite(managing, parts.pepper, now, wanted.email, wanted.role)
    session.add(invitation)
    await audit.record("invitation.create", wanted.email, after={"role": wanted.role})
    return Invited(token=token.text, expires_at=invitation.expires_at)


@router.post("/invitations/accept", status_code=201)
async def accept_invitation(request: Request, session: Transaction, given: Accept) -> Tokens:
    """Makes the guest a member, with an account where there is none yet, and signs them in."""
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
    await log.record("invitation.accept", user.email, after={"role": invitation.role})
    return tokens(signed_in)
