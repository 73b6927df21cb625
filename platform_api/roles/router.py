"""`/v1/organizations/{organization}/roles`: roles that an organisation makes of permissions.

They are given as the others are: to members, to guests and in single projects, by their name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError

from cygni.errors import AlreadyExists
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import MATRIX, Permission, Permissions, Role, is_built_in, require_giving
from platform_api.audit.service import Audit
from platform_api.roles.holders import holders
from platform_api.roles.models import CustomRole
from platform_api.roles.repository import Roles
from platform_api.text import Slug
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/roles", tags=["members"])

Reading = Annotated[Access, Depends(Allowed(Permission.MEMBER_READ))]
Managing = Annotated[Access, Depends(Allowed(Permission.MEMBER_MANAGE))]


def _own(name: str) -> str:
    if is_built_in(name):
        raise ValueError(f"{name} is a role that is always there")
    return name


class RoleCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Slug, AfterValidator(_own), Field(examples=["deployer"])]
    permissions: Permissions


class RolePublic(BaseModel):
    """`created_at` is null for roles that are always there."""

    name: str
    permissions: list[str]
    created_at: datetime | None


class RoleList(BaseModel):
    items: list[RolePublic]


@router.get("")
async def list_roles(session: Transaction, reading: Reading) -> RoleList:
    """Those that are always there, each with more than the one before, and then the organization's own by name."""
    always = [RolePublic(name=one, permissions=sorted(MATRIX[one]), created_at=None) for one in Role]
    own = [_public(one) for one in await Roles(session, reading.organization.id).all()]
    return RoleList(items=[*always, *own])


@router.post("", status_code=201)
async def create_role(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: RoleCreate
) -> RolePublic:
    """Of permissions that the caller has. It cannot be changed: make another one, and give that."""
    require_giving(managing.permissions, frozenset(wanted.permissions), wanted.name)
    made = CustomRole(
        organization_id=managing.organization.id,
        name=wanted.name,
        permissions=sorted(set(wanted.permissions)),
        created_at=wiring(request).clock.now(),
    )
    Roles(session, managing.organization.id).add(made)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists(f"there is a role {wanted.name!r} already") from error
    await audit.record("role.create", made.name, after={"permissions": made.permissions})
    return _public(made)


@router.delete("/{role}", status_code=204)
async def delete_role(
    request: Request, session: Transaction, managing: Managing, audit: Audit, role: str
) -> None:
    """One that nobody has."""
    roles = Roles(session, managing.organization.id)
    found = await roles.existing(role, for_deleting=True)
    require_giving(managing.permissions, await roles.allowed_by(role), role)
    having = await holders(session, managing.organization.id, role, wiring(request).clock.now())
    having.require_none(role)
    await roles.delete(found)
    await audit.record("role.delete", role, before={"permissions": found.permissions})


def _public(role: CustomRole) -> RolePublic:
    return RolePublic(name=role.name, permissions=role.permissions, created_at=role.created_at)
