"""Who makes a request: a person with an access token, or a program with an API key."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound, Unauthenticated
from platform_api.access import credentials
from platform_api.access.cookies import ACCESS, cookie
from platform_api.access.permissions import Permission
from platform_api.accounts.repository import Accounts
from platform_api.api_keys.repository import Found, found_by_key, note_use
from platform_api.database.transactions import Scope, begin_as, enter
from platform_api.organizations.models import FoundOrganization
from platform_api.organizations.repository import Organizations
from platform_api.projects.models import FoundProject
from platform_api.projects.repository import Projects
from platform_api.roles.repository import Roles
from platform_api.wiring import Wiring, entitlements, wiring

_bearer = HTTPBearer(auto_error=False, description="An access token, or an API key (`cxk_…`).")
_cookie = APIKeyCookie(
    name=f"__Host-{ACCESS}",
    auto_error=False,
    description="Of `/v1/browser-sessions`. What changes something needs `X-CSRF-Token` besides.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` is a person; a program has `api_key`, and `scopes` in one organisation, or in one `project` of it, and
    what its key has `found` of the path."""

    user: uuid.UUID | None = None
    session: uuid.UUID | None = None
    api_key: uuid.UUID | None = None
    project: uuid.UUID | None = None
    scopes: frozenset[Permission] = frozenset()
    found: Found | None = field(default=None, repr=False)

    @property
    def actor(self) -> dict[str, str]:
        """For the audit log."""
        kind, found = ("user", self.user) if self.user else ("api_key", self.api_key)
        return {"kind": kind, "id": str(found)}


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One for each request, begun for nobody; committed before the answer is sent."""
    async with wiring(request).database.transaction(Scope()) as session:
        yield session


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
ByCookie = Annotated[str | None, Depends(_cookie)]
"""For the API's description: which cookie counts depends on the request."""


async def caller(
    request: Request,
    session: Transaction,
    bearer: Bearer,
    by_cookie: ByCookie,
) -> Caller:
    """Raises Unauthenticated where nobody is named, or nobody who is known, PermissionDenied for a browser's request
    that may be another page's doing, and RateLimited. What is sent as Bearer goes before cookies."""
    parts = wiring(request)
    if bearer is not None:
        if bearer.credentials.startswith(f"{credentials.API_KEY}_"):
            found = await _program(parts, session, bearer.credentials, request.path_params)
        else:
            found = await _person(parts, session, bearer.credentials)
    elif (text := cookie(request, ACCESS)) is not None:
        found = await _person(parts, session, text)
        assert found.session is not None  # every person's token has one
        parts.csrf_tokens.require(request, found.session, parts.edge.origins)
    else:
        raise Unauthenticated(
            "who asks is not said", hint="Sign in with cx login, or send an API key as Bearer."
        )
    request.state.rate = parts.limits.request_of(found.actor["id"], parts.clock.now())
    return found


async def _person(parts: Wiring, session: AsyncSession, text: str) -> Caller:
    token = parts.access_tokens.read(text)
    found = await Accounts(session).session_of_enabled(token.session) if token else None
    if token is None or found is None or found.revoked_at is not None or found.user_id != token.user:
        raise Unauthenticated("the access token is not valid", hint="Sign in again: cx login")
    await enter(session, Scope(user=token.user))
    return Caller(user=token.user, session=token.session)


async def _program(parts: Wiring, session: AsyncSession, text: str, path: Mapping[str, str]) -> Caller:
    key = credentials.parse(text, credentials.API_KEY)
    if key is not None:
        names = path.get("organization"), path.get("project")
        there = await found_by_key(parts.database, key.public_id, *names)
        found, now = there.key if there else None, parts.clock.now()
        if (
            found is not None
            and hmac.compare_digest(found.secret_hash, credentials.hashed(parts.pepper, key))
            and found.revoked_at is None
            and (found.expires_at is None or now < found.expires_at)
            and there is not None
            and there.maker is not None
        ):
            scopes = frozenset(Permission(one) for one in found.scopes) & there.maker.permissions
            await note_use(parts.database, found, now)
            begin_as(session, Scope(organization=found.organization_id))
            return Caller(api_key=found.id, project=found.project_id, scopes=scopes, found=there)
    raise Unauthenticated(
        "the API key is not valid", hint="It may be revoked or over, or its maker has left: cx token list"
    )


Known = Annotated[Caller, Depends(caller)]


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller may do in all of one organisation, whose rows the transaction sees."""

    caller: Caller
    organization: FoundOrganization
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """What a caller may do in one project."""

    caller: Caller
    organization: FoundOrganization
    project: FoundProject
    permissions: frozenset[Permission]


async def access(organization: str, request: Request, session: Transaction, known: Known) -> Access:
    """Raises NotFound for an organisation that the caller is not in: it says as much as of one that is not there, and
    RateLimited where its plan allows no more requests."""
    found = await _access(organization, session, known)
    request.state.inside = found  # whose audit log has what is refused to this request
    await _count(request, session, found.organization)
    return found


async def _count(request: Request, session: AsyncSession, organization: FoundOrganization) -> None:
    parts = wiring(request)
    now = parts.clock.now()
    entitled = entitlements(request, session, organization.id)
    quota = await parts.request_quotas.of(entitled, organization.id, now)
    if quota is not None:
        rate = parts.limits.request_in(str(organization.id), quota, now)
        if rate.remaining < request.state.rate.remaining:
            request.state.rate = rate


async def _access(organization: str, session: AsyncSession, known: Caller) -> Access:
    organizations = Organizations(session)
    found = known.found.organization if known.found else await organizations.named(organization)
    if found is None:
        raise NotFound(f"there is no organization {organization!r} here")
    if known.user is None:
        return Access(known, found, frozenset() if known.project else known.scopes)
    member = await organizations.membership(found.id, known.user)
    if member is None:
        raise NotFound(f"there is no organization {organization!r} here")
    await enter(session, Scope(organization=found.id, user=known.user))
    return Access(known, found, await Roles(session, found.id).allowed_by(member.role))


async def project_access(
    project: str, session: Transaction, found: Annotated[Access, Depends(access)]
) -> ProjectAccess:
    """Raises NotFound for a project that the caller may not even read."""
    projects = Projects(session, found.organization.id)
    entered = found.caller.found
    there = entered.project if entered else await projects.named(project)
    if there is not None:
        granted = found.permissions
        if found.caller.user is not None:
            member = await projects.member(there.id, found.caller.user)
            roles = Roles(session, found.organization.id)
            granted |= await roles.allowed_by(member.role if member else None)
        elif found.caller.project == there.id:
            granted |= found.caller.scopes
        if Permission.PROJECT_READ in granted:
            return ProjectAccess(found.caller, found.organization, there, granted)
    raise NotFound(f"there is no project {project!r} in {found.organization.slug!r}")
