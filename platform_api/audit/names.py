"""Whom the entries of a page name: accounts and keys stay when somebody leaves, so that their addresses can be read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.accounts.models import User
from platform_api.api_keys.models import ApiKey
from platform_api.audit.models import AuditEntry
from platform_api.audit.service import DONE

_ABOUT = frozenset(
    {
        "member.update", "member.delete", "project_member.put", "project_member.delete", "api_key.create",
        "api_key.revoke",
    }
)  # fmt: skip
"""Actions whose subject ends in the id of a member or of a key. That of what was refused is as the caller wrote it."""


@dataclass(frozen=True, slots=True)
class Named:
    """The email addresses of people and the names of keys, by their ids."""

    known: dict[uuid.UUID, str]

    @classmethod
    async def by(cls, session: AsyncSession, organization: uuid.UUID, entries: Sequence[AuditEntry]) -> Self:
        """Those that entries of the organisation name, and no others: accounts are not kept to one."""
        people = {_actor(one) for one in entries if one.actor["kind"] != "api_key"}
        people |= {_subject(one) for one in entries if not one.action.startswith("api_key.")}
        keys = {_actor(one) for one in entries if one.actor["kind"] == "api_key"}
        keys |= {_subject(one) for one in entries if one.action.startswith("api_key.")}
        known: dict[uuid.UUID, str] = {}
        if people := people - {None}:
            found = await session.execute(select(User.id, User.email).where(col(User.id).in_(people)))
            known |= dict([*found.all()])
        if keys := keys - {None}:
            mine = col(ApiKey.organization_id) == organization
            found = await session.execute(
                select(ApiKey.id, ApiKey.name).where(mine, col(ApiKey.id).in_(keys))
            )
            known |= dict([*found.all()])
        return cls(known)

    def actor(self, entry: AuditEntry) -> str | None:
        found = _actor(entry)
        return None if found is None else self.known.get(found)

    def subject(self, entry: AuditEntry) -> str | None:
        """What it is done to, with a name in the place of an id: `grace@example.com`, `shop/grace@example.com`."""
        found = _subject(entry)
        if found is None or found not in self.known:
            return None
        where, slash, _ = entry.subject.rpartition("/")
        return f"{where}{slash}{self.known[found]}"


def _actor(entry: AuditEntry) -> uuid.UUID | None:
    return _id(entry.actor.get("id", ""))


def _subject(entry: AuditEntry) -> uuid.UUID | None:
    if entry.action not in _ABOUT or entry.outcome != DONE:
        return None
    return _id(entry.subject.rpartition("/")[2])


def _id(text: str) -> uuid.UUID | None:
    with suppress(ValueError):
        return uuid.UUID(text)
    return None
