"""What deployments have to do with domains: whose certificates they put before a load balancer."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.domains.models import Domain
from platform_api.domains.steps import Status
from platform_api.environments.models import Environment
from stacks.given_domains import GivenDomain


async def issued_domains(session: AsyncSession, environment: Environment) -> tuple[GivenDomain, ...]:
    """Those of an environment that are its organization's and have a certificate, in the order that they were added in:
    so another one is never the default in place of one that is served."""
    active = select(Domain).where(
        col(Domain.organization_id) == environment.organization_id,
        col(Domain.environment_id) == environment.id,
        col(Domain.status) == Status.ACTIVE,
        col(Domain.verified_at).is_not(None),
    )
    found = (await session.scalars(active.order_by(col(Domain.created_at), col(Domain.id)))).all()
    return tuple(GivenDomain(one.name, one.certificate) for one in found if one.certificate is not None)
