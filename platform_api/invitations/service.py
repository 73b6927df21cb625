"""Inviting somebody, and accepting it: with the token comes an account where there is none yet."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import AlreadyExists, Unauthenticated
from platform_api.access.caller import Access
from platform_api.access.credentials import INVITATION, Credential, hashed, new_credential, parse
from platform_api.access.passwords import Passwords
from platform_api.access.permissions import Permission
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.audit.service import Auditing
from platform_api.database.transactions import Scope, enter
from platform_api.invitations.models import Invitation
from platform_api.invitations.repository import Invitations
from platform_api.organizations.models import OrganizationMember
from platform_api.organizations.repository import Organizations
from platform_api.roles.repository import Roles

LIFE = timedelta(days=7)


def invite(
    access: Access, pepper: bytes, now: datetime, email: str, role: str | None
) -> tuple[Invitation, Credential]:
    """The row, and the token that is shown once; whether the caller may give the role is decided before."""
    token = new_credential(INVITATION)
    invitation = Invitation(
        organization_id=access.organization.id,
        public_id=token.public_id,
        secret_hash=hashed(pepper, token),
        email=email,
        role=role,
        invited_by=access.caller.user,
        created_at=now,
        expires_at=now + LIFE,
    )
    return invitation, token


async def withdraw_open(log: Auditing, email: str) -> None:
    """All of an address in the organisation of `log`, which has each of them: an older one would let somebody in again
    with what they had before. `Invitations.hold` holds the address. Call it before `log` has anything: who takes one
    of them back holds it, and waits for the log."""
    for one in await Invitations(log.session, log.organization).open_of(email, log.now):
        await log.session.delete(one)
        await log.record("invitation.delete", one.email, before={"role": one.role})


class Seats:
    """Of an organisation: its members, and guests who may still come. A guest who is invited twice takes one."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID, now: datetime) -> None:
        self._session = session
        self._organization = organization
        self._now = now

    async def without(self, email: str) -> int:
        """Those that are taken, not counting what a guest of that address takes."""
        open_ones = select(sa.func.count(sa.distinct(sa.func.lower(Invitation.email)))).where(
            col(Invitation.organization_id) == self._organization,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.expires_at) > self._now,
            sa.func.lower(Invitation.email) != email.lower(),
        )
        guests = await self._session.scalar(open_ones) or 0
        return guests + await Organizations(self._session).members(self._organization)

    async def before_the_last(self) -> int:
        """Members, without the one who became one just now: a plan may allow fewer since they were invited."""
        return await Organizations(self._session).members(self._organization) - 1


class Accepting:
    def __init__(self, session: AsyncSession, passwords: Passwords, pepper: bytes, now: datetime) -> None:
        self._session = session
        self._passwords = passwords
        self._pepper = pepper
        self._now = now

    async def accept(self, text: str, name: str, password: str) -> tuple[Invitation, User]:
        """The invitation and its guest, who is a member now; the transaction is the organisation's from here on.

        A guest who has an account gives its password. Raises Unauthenticated for a token that is none or is used, for
        another password, and where its sender may not give the role any more, AlreadyExists for a member, NotFound
        where the role was deleted at the same moment.
        """
        invitation = await self._found(text)
        user = await self._guest(invitation.email, name, password)
        await enter(self._session, Scope(organization=invitation.organization_id, user=user.id))
        organizations = Organizations(self._session)
        if await organizations.membership(invitation.organization_id, user.id) is not None:
            raise AlreadyExists(f"{invitation.email} is a member already")
        await self._require_still_given(invitation, organizations)
        organizations.add(
            OrganizationMember(
                organization_id=invitation.organization_id,
                user_id=user.id,
                role=invitation.role,
                created_at=self._now,
            )
        )
        invitation.accepted_at = self._now
        await self._session.flush()
        return invitation, user

    async def _require_still_given(self, invitation: Invitation, organizations: Organizations) -> None:
        """Who has lost what they gave, or is disabled, gives it no more; else they could come back by it."""
        roles = Roles(self._session, invitation.organization_id)
        given = await roles.given(invitation.role)
        if invitation.invited_by is None:  # an API key did
            return
        sender = await Accounts(self._session).user(invitation.invited_by)
        maker = await organizations.membership(invitation.organization_id, invitation.invited_by)
        enabled = sender is not None and sender.disabled_at is None
        allowed = await roles.allowed_by(maker.role) if maker and enabled else frozenset()
        if not given | {Permission.MEMBER_MANAGE} <= allowed:
            raise Unauthenticated(
                "the invitation is not valid any more: who sent it may not give that role now",
                hint="Ask for another one.",
            )

    async def _found(self, text: str) -> Invitation:
        token = parse(text, INVITATION)
        if token is not None:
            await enter(self._session, Scope(credential=token.public_id))
            query = select(Invitation).where(col(Invitation.public_id) == token.public_id)
            seen = await self._session.scalar(query)
            if seen is not None and hmac.compare_digest(seen.secret_hash, hashed(self._pepper, token)):
                await enter(self._session, Scope(organization=seen.organization_id))
                await Invitations(self._session, seen.organization_id).hold(seen.email)
                # Of two who accept, one waits; who waits for one who withdraws it finds none.
                again = query.with_for_update().execution_options(populate_existing=True)
                held = await self._session.scalar(again)
                if held is not None and held.accepted_at is None and self._now < held.expires_at:
                    return held
        raise Unauthenticated("the invitation is not valid any more", hint="Ask for another one.")

    async def _guest(self, email: str, name: str, password: str) -> User:
        accounts = Accounts(self._session)
        known = await accounts.user_of(email)
        if known is not None:
            matches = await self._passwords.matches(password, known.password_hash)
            if not matches or not await accounts.is_unchanged(known):
                raise Unauthenticated(f"{email} has an account here, with another password")
            return known
        kept = await self._passwords.hashed(password)
        made = User(email=email, name=name, password_hash=kept, created_at=self._now)
        accounts.add(made)
        await self._session.flush()
        return made
