"""Queries for the roles of one organisation: what each allows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound
from platform_api.access.permissions import MATRIX, Permission, Role, is_built_in, known_permissions
from platform_api.roles.models import CustomRole


class Roles:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def allowed_by(self, role: str | None) -> frozenset[Permission]:
        """What a role allows, by its name: nothing where there is none, and what this version does not know is left
        out."""
        if role is None:
            return frozenset()
        if is_built_in(role):
            return MATRIX[Role(role)]
        found = await self._session.get(CustomRole, (self._organization, role))
        return known_permissions(found.permissions) if found else frozenset()

    async def given(self, role: str | None) -> frozenset[Permission]:
        """As `allowed_by`, for somebody who is about to get it: until the transaction ends nobody deletes it. Raises
        NotFound."""
        if role is None or is_built_in(role):
            return await self.allowed_by(role)
        return known_permissions((await self.existing(role, for_deleting=False)).permissions)

    async def existing(self, name: str, *, for_deleting: bool) -> CustomRole:
        """Locked until the transaction ends; `for_deleting` also from those who give it. Raises NotFound."""
        query = select(CustomRole).where(
            col(CustomRole.organization_id) == self._organization, col(CustomRole.name) == name
        )
        found = await self._session.scalar(query.with_for_update(read=not for_deleting))
        if found is None:
            raise NotFound(
                f"there is no role {name!r} in this organization", hint="See which there are: cx role list"
            )
        return found

    async def all(self) -> Sequence[CustomRole]:
        query = select(CustomRole).where(col(CustomRole.organization_id) == self._organization)
        return (await self._session.scalars(query.order_by(col(CustomRole.name)))).all()

    def add(self, role: CustomRole) -> None:
        self._session.add(role)

    async def delete(self, role: CustomRole) -> None:
        await self._session.delete(role)
