"""The invitations of an organisation."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
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

    async def hold(self, email: str) -> None:
        """Of an address one transaction at a time invites somebody, lets them in or takes them out: others wait until
        this one ends. Call it before a row is locked, so that no two wait for each other."""
        await self._session.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:of || lower(:email), 0))"),
            {"of": f"invitations {self._organization} ", "email": email},
        )

    async def open_of(self, email: str, now: datetime) -> Sequence[Invitation]:
        """As `open`, those of an address, which `hold` holds."""
        query = select(Invitation).where(
            col(Invitation.organization_id) == self._organization,
            sa.func.lower(Invitation.email) == sa.func.lower(email),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        found = await self._session.scalars(query.order_by(col(Invitation.id)).with_for_update())
        return found.all()

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
