"""Making organisations."""

from __future__ import annotations

import uuid

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import AlreadyExists
from platform_api.access.permissions import Role
from platform_api.clock import Clock
from platform_api.database.transactions import Scope, enter
from platform_api.identifiers import new_id
from platform_api.organizations.models import Organization, OrganizationMember
from platform_api.organizations.repository import Organizations


async def create_organization(
    session: AsyncSession, clock: Clock, owner: uuid.UUID, slug: str, name: str
) -> Organization:
    """With `owner` as its first member; the transaction is the new organisation's from here on.

    Raises AlreadyExists, also where the other one is not visible to the caller: names are taken for everybody.
    """
    made = Organization(id=new_id(), slug=slug, name=name, created_at=clock.now())
    await enter(session, Scope(organization=made.id, user=owner))
    organizations = Organizations(session)
    organizations.add(made)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists(f"there is an organization {slug!r} already") from error
    organizations.add(
        OrganizationMember(
            organization_id=made.id, user_id=owner, role=Role.OWNER, created_at=made.created_at
        )
    )
    await session.flush()
    return made
