"""What deployments have to do with domains: whose certificates they put before a load balancer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.naming import Part
from platform_api.deployments.kinds import Kind
from platform_api.domains.models import Domain
from platform_api.domains.steps import Status
from platform_api.environments.models import Environment
from stacks.given_domains import GivenDomain


@dataclass(frozen=True, slots=True)
class Serving:
    """What a deployment left: the DNS name of the load balancer and the id of the zone that it is in, None where there
    is none; and the domains whose certificates it has."""

    load_balancer: str | None = None
    zone: str | None = None
    names: tuple[str, ...] = ()


def serving_after(kind: Kind, answer: Mapping[str, Any]) -> Serving | None:
    """By what `cx` answered when it ended well; None where that leaves the load balancer as it was (pure)."""
    if kind is Kind.DESTROY:
        return Serving()
    if kind is not Kind.DEPLOY or "outputs" not in answer:
        return None
    found = answer["outputs"].get(Part.FOUNDATION.value) or {}
    name = found.get("loadBalancerDnsName")
    if (
        name is None or ":" in name
    ):  # an address of this machine, as on the local cloud: no record leads there
        return Serving(names=tuple(found.get("domains") or ()))
    return Serving(name, found.get("loadBalancerZoneId"), tuple(found.get("domains") or ()))


async def note_serving(
    session: AsyncSession,
    organization: uuid.UUID,
    environment: uuid.UUID,
    serving: Serving,
    now: datetime | sa.ColumnElement[Any],
) -> None:
    """Writes it down. Domains that are being removed, and are not served any more, are looked at at once."""
    place = sa.update(Environment).where(
        col(Environment.organization_id) == organization, col(Environment.id) == environment
    )
    await session.execute(
        place.values(load_balancer=serving.load_balancer, load_balancer_zone=serving.zone),
        execution_options={"synchronize_session": False},
    )
    served = col(Domain.name).in_(serving.names)
    theirs = sa.update(Domain).where(
        col(Domain.organization_id) == organization, col(Domain.environment_id) == environment
    )
    gone = sa.and_(col(Domain.status) == Status.REMOVING, sa.not_(served))
    await session.execute(
        theirs.values(served=served, due_at=sa.case((gone, now), else_=col(Domain.due_at))),
        execution_options={"synchronize_session": False},
    )


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
