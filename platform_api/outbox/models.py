"""What tables of an outbox have in common: who is told, and each telling."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlmodel import Field, SQLModel

from cygni.errors import WrongState
from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Recipient(SQLModel):
    """`disabled_at` is when it was switched off, by somebody or because it is gone."""

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    disabled_because: str | None = None

    def switch(self, *, on: bool, now: datetime) -> None:
        """On or off, by somebody."""
        self.disabled_at = None if on else now
        self.disabled_because = None if on else "somebody switched it off"

    def require_on(self) -> None:
        """Raises WrongState where it is switched off: nothing goes there, nor waits to go."""
        if self.disabled_at is not None:
            raise WrongState("it is switched off", hint="Switch it on first, with `enabled`.")


class Delivery(SQLModel):
    """One event for one recipient. `attempts` were made; the next is due at `due_at`, which is null when none is left.
    While one is being made, `claimed_until` keeps other workers from it. `last_status` is what was answered: a status
    of HTTP or a reply code of SMTP."""

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(sa_type=MOMENT)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    delivered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    last_status: int | None = None
    last_error: str | None = None
