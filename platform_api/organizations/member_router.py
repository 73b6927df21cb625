"""`/v1/organizations/{organization}/members`: who is in it, and leaving it."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from cygni.errors import PermissionDenied
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction, access
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit, Auditing
from platform_api.invitations.service import withdraw_open
from platform_api.organizations.members import Members
from platform_api.text import Slug

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
    """Open invitations of theirs to the organization do not hold any more."""
    await _remove(Members(session, managing), audit, user)


@router.delete("/organizations/{organization}/membership", status_code=204)
async def leave_organization(session: Transaction, inside: Inside, audit: Audit) -> None:
    """The caller leaves the organisation, as with `DELETE .../members/{user}`."""
    if inside.caller.user is None:
        raise PermissionDenied("an API key is no member", hint="Revoke it: cx token revoke")
    await _remove(Members(session, inside), audit, inside.caller.user)


async def _remove(members: Members, audit: Auditing, user: uuid.UUID) -> None:
    gone, email = await members.remove(user)
    await withdraw_open(audit, email)
    await audit.record("member.delete", str(user), before={"role": gone.role})
