"""Who is a member of an organisation, and with which role: nobody gives what they lack, and an owner always remains."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, UsageError
from platform_api.access.caller import Access
from platform_api.access.permissions import Role, require_giving
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.invitations.repository import Invitations
from platform_api.organizations.models import OrganizationMember
from platform_api.roles.repository import Roles


class Members:
    def __init__(self, session: AsyncSession, access: Access) -> None:
        self._session = session
        self._access = access
        self._roles = Roles(session, access.organization.id)

    async def all(self) -> Sequence[tuple[OrganizationMember, User]]:
        """In the order of their email addresses."""
        query = (
            select(OrganizationMember, User)
            .join(User, col(User.id) == col(OrganizationMember.user_id))
            .where(col(OrganizationMember.organization_id) == self._access.organization.id)
            .order_by(col(User.email))
        )
        return [(member, user) for member, user in (await self._session.execute(query)).all()]

    async def change(self, user: uuid.UUID, role: str | None) -> tuple[OrganizationMember, str | None]:
        """The member, who has `role` now, and the role before. Raises NotFound, also for a role that is none,
        PermissionDenied where the one or the other role has more than the caller, UsageError for the last owner."""
        member, another_owner = await self._locked(user)
        before = member.role
        require_giving(self._access.permissions, await self._roles.given(role), role)
        require_giving(self._access.permissions, await self._roles.allowed_by(before), before)
        if before == Role.OWNER and role != Role.OWNER:
            _require_another_owner(another_owner)
        member.role = role
        return member, before

    async def remove(self, user: uuid.UUID) -> tuple[OrganizationMember, str]:
        """The member who was one, and their address, whose invitations wait until the transaction ends. Everybody may
        leave. Raises what `change` does."""
        account = await Accounts(self._session).user(user)
        if account is None:
            raise _no_such_member()
        await Invitations(self._session, self._access.organization.id).hold(account.email)
        member, another_owner = await self._locked(user)
        if user != self._access.caller.user:
            allowed = await self._roles.allowed_by(member.role)
            require_giving(self._access.permissions, allowed, member.role)
        if member.role == Role.OWNER:
            _require_another_owner(another_owner)
        await self._session.delete(member)
        return member, account.email

    async def _locked(self, user: uuid.UUID) -> tuple[OrganizationMember, bool]:
        """The member, and whether somebody else is an owner who can sign in. All owners are locked, so that two who
        leave at once do not both see the other, and along with the member in one order, so that neither waits for the
        other for ever."""
        query = (
            select(OrganizationMember)
            .where(
                col(OrganizationMember.organization_id) == self._access.organization.id,
                sa.or_(col(OrganizationMember.role) == Role.OWNER, col(OrganizationMember.user_id) == user),
            )
            .order_by(col(OrganizationMember.user_id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = {one.user_id: one for one in await self._session.scalars(query)}
        member = found.pop(user, None)
        if member is None:
            raise _no_such_member()
        others = select(col(User.id)).where(col(User.id).in_(found), col(User.disabled_at).is_(None))
        return member, (await self._session.scalars(others)).first() is not None


def _no_such_member() -> NotFound:
    return NotFound("there is no such member")


def _require_another_owner(is_there: bool) -> None:
    if not is_there:
        raise UsageError("this is the last owner", hint="Make somebody else an owner first.")
