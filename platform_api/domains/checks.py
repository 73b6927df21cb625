"""Looks at domains whose time has come, and takes each a step on. Any number of workers do so at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from cygni.doctor.sources.names import Resolver
from cygni.errors import CygniError
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.deployments.lifecycle import OCCUPYING
from platform_api.deployments.models import Deployment
from platform_api.domains.certificates import Certificates
from platform_api.domains.models import Domain
from platform_api.domains.steps import (
    TAKEN,
    Certificate,
    Status,
    Step,
    after_a_problem,
    after_looking_at_the_certificate,
    after_looking_for_the_owner,
    is_shown,
    ownership_record,
    while_removing,
)
from platform_api.repeating import repeat

BATCH = 8
LIMIT = 40.0
"""Seconds after which a check is given up: the servers that it asks are the tenant's own."""
CLAIM = timedelta(seconds=BATCH * LIMIT + 60)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look, and the certificate if one was looked at; whether the name is the top of a zone, if that is
    known."""

    step: Step
    certificate: Certificate | None = None
    is_zone: bool | None = None


class DomainChecks:
    """`database` is that of the workers' role, which sees the domains of all tenants."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        resolver: Callable[[], Resolver],
        certificates: Certificates,
    ) -> None:
        self._database = database
        self._clock = clock
        self._resolver = resolver
        self._certificates = certificates

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        await repeat(self.make_due, stop, "checks of domains")

    async def make_due(self) -> int:
        """Looks at some of those that are due; at how many."""
        due = await self._claimed()
        for domain in due:
            try:
                await asyncio.wait_for(self._check(domain), LIMIT)
            except TimeoutError:
                await self._note(domain, Seen(self._late(domain)))
        return len(due)

    async def _claimed(self) -> Sequence[Domain]:
        now = self._clock.now()
        free = sa.or_(col(Domain.claimed_until).is_(None), col(Domain.claimed_until) <= now)
        async with self._database.transaction(Scope()) as session:
            due = select(Domain).where(col(Domain.due_at) <= now, free).order_by(col(Domain.due_at))
            found = (await session.scalars(due.limit(BATCH).with_for_update(skip_locked=True))).all()
            for domain in found:
                domain.claimed_until = now + CLAIM
            return found

    async def _check(self, domain: Domain) -> None:
        if domain.status == Status.REMOVING:
            await self._remove(domain)
            return
        if domain.verified_at is None:
            seen = Seen(await self._owner(domain))
        else:
            seen = await asyncio.to_thread(self._certificate, domain)
            seen = replace(seen, is_zone=await asyncio.to_thread(self._is_zone, domain))
        try:
            await self._note(domain, seen)
        except IntegrityError:  # of the index over verified names
            await self._note(domain, Seen(TAKEN))

    def _late(self, domain: Domain) -> Step:
        problem, checks = f"the check took more than {LIMIT:.0f} s", domain.checks
        if domain.status == Status.REMOVING or domain.verified_at is not None:
            return after_a_problem(Status(domain.status), problem, checks=checks)
        since = self._clock.now() - domain.status_since
        return after_looking_for_the_owner(shown=False, checks=checks, since=since, problem=problem)

    async def _owner(self, domain: Domain) -> Step:
        shown, problem = False, None
        try:
            shown = await asyncio.to_thread(self._is_shown, domain)
        except CygniError as error:
            problem = error.message
        since = self._clock.now() - domain.status_since
        return after_looking_for_the_owner(shown=shown, checks=domain.checks, since=since, problem=problem)

    def _is_shown(self, domain: Domain) -> bool:
        texts = self._resolver().text(ownership_record(domain.name, domain.token).name, "TXT")
        return is_shown(domain.token, texts)

    def _certificate(self, domain: Domain) -> Seen:
        try:
            arn = domain.certificate or self._certificates.request(domain.name, domain.id, domain.region)
            certificate = self._certificates.look(arn)
        except CygniError as error:
            return Seen(after_a_problem(Status(domain.status), error.message, checks=domain.checks))
        return Seen(after_looking_at_the_certificate(certificate, checks=domain.checks), certificate)

    def _is_zone(self, domain: Domain) -> bool | None:
        if domain.is_zone is not None:
            return domain.is_zone
        try:
            return bool(self._resolver().delegation(domain.name)[0])
        except CygniError:
            return None

    async def _remove(self, domain: Domain) -> None:
        """Takes its certificate from AWS, and then itself, as soon as nothing serves with it."""
        deploys = await self._deploys(domain)
        served = domain.served and domain.environment_id is not None
        try:
            free = not (deploys or served)
            deleted = free and await asyncio.to_thread(self._deleted, domain)
        except CygniError as error:
            await self._note(
                domain, Seen(after_a_problem(Status.REMOVING, error.message, checks=domain.checks))
            )
            return
        step = while_removing(deploys=deploys, served=served, deleted=deleted, checks=domain.checks)
        if step is not None:
            await self._note(domain, Seen(step))
            return
        async with self._database.transaction(Scope()) as session:
            await session.execute(sa.delete(Domain).where(*_claimed(domain)))

    def _deleted(self, domain: Domain) -> bool:
        return domain.certificate is None or self._certificates.delete(domain.certificate)

    async def _deploys(self, domain: Domain) -> bool:
        under_way = select(Deployment.id).where(
            col(Deployment.environment_id) == domain.environment_id, col(Deployment.status).in_(OCCUPYING)
        )
        async with self._database.transaction(Scope()) as session:
            return await session.scalar(under_way.limit(1)) is not None

    async def _note(self, domain: Domain, seen: Seen) -> None:
        """Writes down what came of it, unless somebody asked for another check or removed it meanwhile."""
        now, step = self._clock.now(), seen.step
        same = step.status == domain.status
        values: dict[str, object] = {
            "status": step.status.value,
            "reason": step.reason,
            "status_since": domain.status_since if same else now,
            "checks": domain.checks + 1 if same else 0,
            "due_at": None if step.pause is None else now + step.pause,
            "claimed_until": None,
        }
        if domain.verified_at is None and step.status is Status.PROVISIONING:
            values["verified_at"] = now
        if seen.certificate is not None:
            values["certificate"] = seen.certificate.arn
            values["validation"] = [asdict(one) for one in seen.certificate.records]
        if seen.is_zone is not None:
            values["is_zone"] = seen.is_zone
        async with self._database.transaction(Scope()) as session:
            mine = sa.update(Domain).where(*_claimed(domain)).values(**values)
            noted = await session.scalar(mine.returning(col(Domain.id)))
            if noted is None and seen.certificate is not None and domain.certificate is None:
                # it is not forgotten that AWS has made one: who removes the domain deletes it
                made = sa.update(Domain).where(
                    col(Domain.id) == domain.id, col(Domain.status) == Status.REMOVING
                )
                await session.execute(made.values(certificate=seen.certificate.arn, claimed_until=None))


def _claimed(domain: Domain) -> tuple[sa.ColumnElement[bool], ...]:
    """The row, as long as it is as it was when it was claimed."""
    return (
        col(Domain.id) == domain.id,
        col(Domain.claimed_until) == domain.claimed_until,
        col(Domain.status) == domain.status,
    )
