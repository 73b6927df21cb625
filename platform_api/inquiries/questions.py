"""The queue of what is asked: taking a question up, and writing what it is answered.

It changes nothing, so a question whose worker was lost is not begun again: its answer ends, and who wants one asks.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cygni.errors import ControlPlaneError
from platform_api.database.transactions import Database, Scope
from platform_api.deployments.events import NOW, ROWS_AT_ONCE
from platform_api.inquiries.models import Inquiry, InquiryLine

LEASE: Final = timedelta(seconds=30)
KEPT: Final = timedelta(hours=2)
SILENCE: Final = timedelta(seconds=60)
"""After so long nobody listens any more."""
LOST: Final[Mapping[str, Any]] = {
    "code": ControlPlaneError.code,
    "message": "the worker that answered was lost",
    "hint": "Ask again.",
    "details": {},
}
Line = tuple[str, Mapping[str, Any]]
"""A kind, and its data."""


@dataclass(frozen=True, slots=True)
class Question:
    """As in its row."""

    id: uuid.UUID
    organization: uuid.UUID
    project: uuid.UUID
    environment: uuid.UUID
    source: uuid.UUID
    kind: str
    arguments: Mapping[str, Any]
    as_json: bool
    worker: str

    @property
    def follows(self) -> bool:
        """Whether it goes on for as long as somebody listens."""
        return bool(self.arguments.get("follow"))


class Questions:
    """`database` is connected as the workers' role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_up(self, worker: str, *, following: bool = True) -> Question | None:
        """Of those that somebody listens to, one of the organization that has fewest answered; of those the one that
        has waited for longest. Without `following` none that goes on for as long as somebody listens."""
        other = aliased(Inquiry)
        answered = (
            sa.select(sa.func.count())
            .where(
                col(other.organization_id) == col(Inquiry.organization_id),
                col(other.finished_at).is_(None),
                col(other.worker).is_not(None),
            )
            .scalar_subquery()
        )
        async with self._database.transaction(Scope()) as session:
            waiting = [
                col(Inquiry.finished_at).is_(None),
                col(Inquiry.worker).is_(None),
                col(Inquiry.heard_at) > NOW - SILENCE,
            ]
            if not following:
                follows = col(Inquiry.arguments)["follow"].as_boolean()
                waiting.append(follows.is_not(sa.true()))
            oldest = select(Inquiry).where(*waiting).order_by(answered, col(Inquiry.id)).limit(1)
            row = await session.scalar(oldest.with_for_update(skip_locked=True))
            if row is None:
                return None
            taken = sa.update(Inquiry).where(col(Inquiry.id) == row.id)
            taken = taken.values(worker=worker, lease_expires_at=NOW + LEASE)
            await session.execute(taken.execution_options(synchronize_session=False))
        return Question(
            id=row.id,
            organization=row.organization_id,
            project=row.project_id,
            environment=row.environment_id,
            source=row.source_id,
            kind=row.kind,
            arguments=row.arguments,
            as_json=row.as_json,
            worker=worker,
        )

    async def write(self, question: Question, lines: Sequence[Line], *, last: bool = False) -> bool:
        """Adds lines, and renews the lease; whether somebody listens still, and it is this worker's."""
        values: dict[str, Any] = {"lease_expires_at": None if last else NOW + LEASE}
        if last:
            values["finished_at"] = NOW
        return await self._add(question.organization, question.id, question.worker, lines, values)

    async def end_lost(self) -> None:
        """Ends what lost workers answered."""
        async with self._database.transaction(Scope()) as session:
            lost = col(Inquiry.finished_at).is_(None), col(Inquiry.lease_expires_at) < NOW
            found = (await session.scalars(select(Inquiry).where(*lost).limit(100))).all()
        for row in found:
            ended = ("ended", {"error": LOST})
            values = {"lease_expires_at": None, "finished_at": NOW}
            await self._add(row.organization_id, row.id, row.worker, [ended], values)

    async def forget(self) -> None:
        """What was asked long ago."""
        async with self._database.transaction(Scope()) as session:
            old = sa.delete(Inquiry).where(col(Inquiry.created_at) < NOW - KEPT)
            await session.execute(old.execution_options(synchronize_session=False))

    async def _add(
        self,
        organization: uuid.UUID,
        inquiry: uuid.UUID,
        worker: str | None,
        lines: Sequence[Line],
        values: Mapping[str, Any],
    ) -> bool:
        async with self._database.transaction(Scope(organization=organization)) as session:
            held = sa.update(Inquiry).where(
                col(Inquiry.id) == inquiry,
                col(Inquiry.worker) == worker,
                col(Inquiry.finished_at).is_(None),
            )
            changed = held.values(**values, last_line=Inquiry.last_line + len(lines))
            told = changed.returning(col(Inquiry.last_line), col(Inquiry.heard_at) > NOW - SILENCE)
            row = (await session.execute(told.execution_options(synchronize_session=False))).one_or_none()
            if row is None:
                return False
            last, heard = row
            rows = [
                {
                    "organization_id": organization,
                    "inquiry_id": inquiry,
                    "number": number,
                    "kind": kind,
                    "data": dict(data),
                }
                for number, (kind, data) in enumerate(lines, last - len(lines) + 1)
            ]
            for begin in range(0, len(rows), ROWS_AT_ONCE):
                await session.execute(sa.insert(InquiryLine).values(rows[begin : begin + ROWS_AT_ONCE]))
            return bool(heard)
