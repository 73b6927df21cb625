"""The invitations of an organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound
from platform_api.invitations.models import Invitation


class Invitations:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def open(self, now: datetime) -> Sequence[Invitation]:
        """Those that can still be accepted, the oldest first."""
        query = select(Invitation).where(
            col(Invitation.organization_id) == self._organization,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        return (await self._session.scalars(query.order_by(col(Invitation.id)))).all()

    async def existing(self, id: uuid.UUID) -> Invitation:
        """One that nobody has accepted; until the transaction ends nobody does. Raises NotFound."""
        query = select(Invitation).where(
            col(Invitation.organization_id) == self._organization,
            col(Invitation.id) == id,
            col(Invitation.accepted_at).is_(None),
        )
        found = await self._session.scalar(query.with_for_update())
        if found is None:
            raise NotFound(
                "there is no such invitation, or it was accepted",
                hint="See which are open: cx member invitations; take a member out: cx member remove EMAIL",
            )
        return found
