"""Queries for what is asked of the environments of one project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, WrongState
from platform_api.environments.models import Environment
from platform_api.inquiries.models import Inquiry, InquiryLine

LARGEST_PAGE = 500
MOST_OPEN = 20
"""Of one organization at a time: each is a program that a worker runs."""


class Inquiries:
    def __init__(self, session: AsyncSession, environment: Environment) -> None:
        self._session = session
        self._environment = environment

    async def add(self, made: Inquiry) -> None:
        """Raises WrongState where too many wait for their answers."""
        open_ones = sa.select(sa.func.count()).where(
            col(Inquiry.organization_id) == made.organization_id,
            col(Inquiry.finished_at).is_(None),
            col(Inquiry.heard_at) > sa.func.clock_timestamp() - sa.text("interval '1 minute'"),
        )
        if (await self._session.scalar(open_ones) or 0) >= MOST_OPEN:
            raise WrongState(
                f"{MOST_OPEN} questions of this organization are being answered already",
                hint="Ask again in a moment; each cx logs --follow is one.",
            )
        self._session.add(made)
        await self._session.flush()

    async def existing(self, inquiry: uuid.UUID) -> Inquiry:
        """Raises NotFound."""
        found = await self._session.scalar(
            select(Inquiry).where(
                col(Inquiry.organization_id) == self._environment.organization_id,
                col(Inquiry.environment_id) == self._environment.id,
                col(Inquiry.id) == inquiry,
            )
        )
        if found is None:
            raise NotFound(f"there is no inquiry {inquiry} in this environment")
        return found


async def lines_after(session: AsyncSession, inquiry: Inquiry, number: int) -> Sequence[InquiryLine]:
    """In the order of their numbers, `LARGEST_PAGE` at most."""
    query = select(InquiryLine).where(
        col(InquiryLine.organization_id) == inquiry.organization_id,
        col(InquiryLine.inquiry_id) == inquiry.id,
        col(InquiryLine.number) > number,
    )
    return (await session.scalars(query.order_by(col(InquiryLine.number)).limit(LARGEST_PAGE))).all()
