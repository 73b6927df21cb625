"""What a route asks for that is for whoever runs the server: a right of the server, not of an organisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound, PermissionDenied
from platform_api.access.allowed import require
from platform_api.access.caller import Access, Caller, Known, Transaction, access
from platform_api.access.permissions import Permission
from platform_api.access.refusals import remember
from platform_api.accounts.repository import Accounts
from platform_api.audit.service import Auditing
from platform_api.database.transactions import Scope, enter
from platform_api.operators.auditing import ServerAuditing
from platform_api.organizations.repository import Organizations
from platform_api.wiring import wiring

_REFUSED = "server:operate"


async def is_operator(session: AsyncSession, known: Caller) -> bool:
    """Never for an API key: it has no user."""
    user = await Accounts(session).user(known.user) if known.user else None
    return user is not None and user.operator and user.disabled_at is None


def _not_one() -> PermissionDenied:
    return PermissionDenied(
        "this is for operators of the server",
        hint="Whoever set the server up is one, and makes others: cx operator add EMAIL",
    )


async def operator(session: Transaction, known: Known) -> Caller:
    """Raises PermissionDenied for everybody else."""
    if not await is_operator(session, known):
        raise _not_one()
    return known


Operator = Annotated[Caller, Depends(operator)]


async def operated(organization: str, request: Request, session: Transaction, known: Known) -> Access:
    """An organisation for an operator, member or not: with no permission in it. Raises NotFound, for others also where
    it is there and they are not in it, and PermissionDenied for its members."""
    if await is_operator(session, known):
        return await _any(organization, session, known)
    found = await access(organization, request, session, known)
    await require_operator(request, session, found)
    return found


async def billed(organization: str, request: Request, session: Transaction, known: Known) -> Access:
    """An organisation for who may read what it pays: with `usage:read` or `billing:manage`, or an operator. Raises
    NotFound and PermissionDenied."""
    if await is_operator(session, known):
        return await _any(organization, session, known)
    found = await access(organization, request, session, known)
    if Permission.BILLING_MANAGE not in found.permissions:
        require(request, found, Permission.USAGE_READ)
    return found


async def corrected(organization: str, request: Request, session: Transaction, known: Known) -> Access:
    """An organisation for who may correct its usage: with `billing:manage`, or an operator. Raises NotFound and
    PermissionDenied."""
    if await is_operator(session, known):
        return await _any(organization, session, known)
    found = await access(organization, request, session, known)
    require(request, found, Permission.BILLING_MANAGE)
    return found


async def _any(organization: str, session: AsyncSession, known: Caller) -> Access:
    found = await Organizations(session).named(organization)
    if found is None:
        raise NotFound(f"there is no organization {organization!r} here")
    await enter(session, Scope(organization=found.id, user=known.user))
    return Access(known, found, frozenset())


Operated = Annotated[Access, Depends(operated)]
Billed = Annotated[Access, Depends(billed)]
Corrected = Annotated[Access, Depends(corrected)]


async def require_operator(request: Request, session: AsyncSession, found: Access) -> None:
    """Raises PermissionDenied, which the organisation's audit log will have, for everybody else."""
    if not await is_operator(session, found.caller):
        remember(request, found, _REFUSED)
        raise _not_one()


def auditing(request: Request, session: AsyncSession, found: Access) -> Auditing:
    """What is written into the log of the organisation."""
    now = wiring(request).clock.now()
    return Auditing(session, found.organization.id, found.caller.actor, request.state.request_id, now)


def _auditing(request: Request, session: Transaction, found: Operated) -> Auditing:
    return auditing(request, session, found)


OperatorAudit = Annotated[Auditing, Depends(_auditing)]
"""The log of the organisation, which tells its owner what an operator did."""


def _server_auditing(request: Request, session: Transaction, known: Operator) -> ServerAuditing:
    return ServerAuditing(session, known.actor, request.state.request_id, wiring(request).clock.now())


ServerAudit = Annotated[ServerAuditing, Depends(_server_auditing)]
