"""What whoever runs the server does to accounts, on its machine: where nobody is left who could, or somebody cannot
sign in any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, UsageError
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.operators.auditing import ServerAuditing


@dataclass(frozen=True, slots=True)
class Administration:
    """In one transaction. What changes something answers with the account and with whether it was otherwise before, and
    raises NotFound without one."""

    session: AsyncSession
    log: ServerAuditing
    now: datetime

    async def all(self) -> list[dict[str, Any]]:
        """By their email addresses."""
        query = select(User).order_by(col(User.email))
        return [_told(one) for one in (await self.session.scalars(query)).all()]

    async def make_operator(self, email: str) -> dict[str, Any]:
        user = await self._existing(email)
        if user.disabled_at is not None:
            raise UsageError(
                f"the account of {user.email} is disabled", hint=f"First: cx server user enable {user.email}"
            )
        changed, user.operator = not user.operator, True
        return await self._noted(user, "operator.add", changed=changed)

    async def reset_password(self, email: str, password_hash: str) -> dict[str, Any]:
        """Ends their sessions: the old password may be a stranger's too."""
        user = await self._existing(email)
        user.password_hash = password_hash
        await self._signed_out(user, "the password was reset")
        return await self._noted(user, "user.password", changed=True)

    async def disable(self, email: str) -> dict[str, Any]:
        """Ends their sessions; the API keys that they made do not hold while it is so. Raises UsageError for the last
        operator who can sign in."""
        user = await self._existing(email)
        if user.operator and user.disabled_at is None and not await self._others_operate(user):
            raise UsageError(
                f"{user.email} is the last operator",
                hint="Make somebody else one first: cx server operator add EMAIL",
            )
        changed = user.disabled_at is None
        user.disabled_at = user.disabled_at or self.now
        await self._signed_out(user, "the account was disabled")
        return await self._noted(user, "user.disable", changed=changed)

    async def enable(self, email: str) -> dict[str, Any]:
        user = await self._existing(email)
        changed, user.disabled_at = user.disabled_at is not None, None
        return await self._noted(user, "user.enable", changed=changed)

    async def _existing(self, email: str) -> User:
        user = await Accounts(self.session).locked_user(email)
        if user is None:
            raise NotFound(f"{email} has no account here", hint="See who has one: cx server user list")
        return user

    async def _others_operate(self, user: User) -> bool:
        """Each is locked, so that two who are disabled at once are not both the other's last."""
        query = select(User).where(col(User.operator), col(User.disabled_at).is_(None)).order_by(col(User.id))
        found = (await self.session.scalars(query.with_for_update(key_share=True))).all()
        return any(one.id != user.id for one in found)

    async def _signed_out(self, user: User, why: str) -> None:
        await self.session.flush()  # first what new sessions look at
        await Accounts(self.session).sign_out(user.id, self.now, why)

    async def _noted(self, user: User, action: str, *, changed: bool) -> dict[str, Any]:
        if changed:
            await self.log.record(action, user.email)
        return {**_told(user), "changed": changed}


def _told(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "operator": user.operator,
        "disabled": user.disabled_at is not None,
        "created_at": user.created_at.isoformat(),
    }
