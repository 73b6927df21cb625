"""Queries for organisations and their members; what a transaction may not see, they do not find."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import fields

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.organizations.models import FoundOrganization, Organization, OrganizationMember


class Organizations:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, slug: str) -> FoundOrganization | None:
        row = await self._session.execute(
            select(*(getattr(Organization, one.name) for one in fields(FoundOrganization))).where(
                col(Organization.slug) == slug
            )
        )
        found = row.one_or_none()
        return FoundOrganization(*found) if found else None

    async def all_visible(self) -> Sequence[Organization]:
        found = await self._session.scalars(select(Organization).order_by(col(Organization.slug)))
        return found.all()

    async def all_of(self, user: uuid.UUID) -> Sequence[Organization]:
        """Those that somebody is a member of; an operator sees others too."""
        mine = select(OrganizationMember.organization_id).where(col(OrganizationMember.user_id) == user)
        query = select(Organization).where(col(Organization.id).in_(mine))
        return (await self._session.scalars(query.order_by(col(Organization.slug)))).all()

    async def membership(self, organization: uuid.UUID, user: uuid.UUID) -> OrganizationMember | None:
        return await self._session.get(OrganizationMember, (organization, user))

    async def members(self, organization: uuid.UUID) -> int:
        query = select(sa.func.count()).where(col(OrganizationMember.organization_id) == organization)
        return await self._session.scalar(query) or 0

    def add(self, row: Organization | OrganizationMember) -> None:
        self._session.add(row)
