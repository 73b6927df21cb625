"""Looks at what runs, and tells the meters. Any number of workers do so at once, each at other places.

A look asks AWS outside of any transaction; what it tells is written in one, with the events that follow from it. One
that fails changes nothing: the next one tells what it would have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.meters import PREVIEW_HOURS, SEATS, STORAGE_GB_MONTHS
from cygni.billing.periods import Period
from cygni.errors import CygniError
from cygni.metering.hours import HOUR, hour_of, settled
from cygni.metering.runs import Sighting, Spot, amounts
from cygni.targets.fargate.clients import Clients
from cygni.targets.metering.storage import Kept, kept_in
from cygni.targets.metering.tasks import tasks_in
from cygni.targets.metering.traffic import counted, counters, from_json, to_json
from platform_api.clock import Clock
from platform_api.database.transactions import Database, Scope
from platform_api.metering.clouds import Clouds
from platform_api.metering.looks import AGAIN, DELAYS, FORGOTTEN, Look, pause_after
from platform_api.metering.models import MeteredPlace
from platform_api.metering.places import Deployed, Places, first_success, forget, note
from platform_api.metering.recording import LevelNow, Measured, tell, tell_levels
from platform_api.metering.regions import region_in
from platform_api.metering.runs import PREVIEW, Runs
from platform_api.organizations.models import OrganizationMember
from platform_api.repeating import repeat

_NEW_EVERY = timedelta(minutes=1)
_PREVIEWS = "preview-"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at an environment told: what runs (None where it was not asked), what was counted, what is kept.
    `known` is what the next look is to know."""

    sightings: list[Sighting] | None = None
    stands: bool = False
    counts: Mapping[Spot, Fraction] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)


class Metering:
    """`database` is that of the workers' role."""

    def __init__(self, database: Database, clock: Clock, clouds: Clouds) -> None:
        self._database = database
        self._clock = clock
        self._clouds = clouds
        self._places = Places(database)
        self._added: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        await repeat(self.make_due, stop, "metering")

    async def make_due(self) -> int:
        """Looks at some of the places that are due; at how many."""
        now = self._clock.now()
        if self._added is None or now - self._added >= _NEW_EVERY:
            await self._places.add(now)
            await self._places.forget_runs(now)
            self._added = now
        due = await self._places.claimed(now)
        for place in due:
            await self._measure(place)
        return len(due)

    async def _measure(self, place: MeteredPlace) -> None:
        now, measured = self._clock.now(), Measured(place.organization_id, place.project, place.environment)
        try:
            if place.look == Look.SEATS:
                await self._count_seats(place, measured, now)
            else:
                await self._measure_environment(place, measured, now)
        except Exception as error:  # noqa: BLE001  # what is wrong with one place keeps no other from being measured
            failures = place.failures + 1
            said = error.message if isinstance(error, CygniError) else type(error).__name__
            logger.warning(
                "not measured", look=place.look, project=place.project, environment=place.environment,
                failures=failures, error=said,
            )  # fmt: skip
            due = now + pause_after(Look(place.look), failures)
            async with self._database.transaction(Scope(organization=place.organization_id)) as session:
                await note(session, place, failures=failures, error=said, due_at=due)

    async def _count_seats(self, place: MeteredPlace, measured: Measured, now: datetime) -> None:
        """Each number of members that there was in an hour is an event of it, and the largest one counts."""
        hour = hour_of(now)
        async with self._database.transaction(Scope(organization=place.organization_id)) as session:
            members = sa.select(sa.func.count(col(OrganizationMember.organization_id))).where(
                col(OrganizationMember.organization_id) == place.organization_id
            )
            seats = await session.scalar(members) or 0
            known = {Spot(SEATS.key, f"{seats} seats", hour): Fraction(seats)}
            if await _note(session, place, now, {}):
                await tell(session, measured, known, Period(hour, hour + HOUR), now)

    async def _measure_environment(self, place: MeteredPlace, measured: Measured, now: datetime) -> None:
        deployed = await self._places.deployed(measured)
        known = dict(place.known)
        if deployed is None:
            known.setdefault("gone", now.isoformat())
        else:
            known.pop("gone", None)
            await self._know_region(known, measured, deployed)
        known.setdefault("since", place.measured_until.isoformat())
        since = datetime.fromisoformat(known["since"])
        seen = await asyncio.to_thread(self._look, place, measured, known, since, now)
        over = "gone" in known and datetime.fromisoformat(known["gone"]) + FORGOTTEN <= now
        async with self._database.transaction(Scope(organization=place.organization_id)) as session:
            mine = await (forget(session, place) if over else _note(session, place, now, seen.known))
            if mine:
                await self._tell(session, place, measured, deployed, seen, since, now)

    async def _know_region(self, known: dict[str, Any], measured: Measured, deployed: Deployed) -> None:
        if known.get("source") != str(deployed.source):
            archive = await self._places.archive(measured, deployed.source)
            known["region"] = await asyncio.to_thread(region_in, archive, measured.environment)
            known["source"] = str(deployed.source)

    def _look(
        self, place: MeteredPlace, measured: Measured, known: dict[str, Any], since: datetime, now: datetime
    ) -> Seen:
        """Asks AWS. Raises CygniError."""
        region, gone = known.get("region"), "gone" in known
        clients = self._clouds.clients(measured, region) if region else None
        match Look(place.look):
            case Look.RUNNING:
                found = None if clients is None or gone else tasks_in(clients, *_names(measured))
                return Seen(found or [], stands=found is not None, known=known)
            case Look.STORAGE:
                if clients is None or gone:
                    return Seen(known=known)
                return Seen(kept=kept_in(clients, str(region), *_names(measured), now), known=known)
            case _:
                if clients is None:
                    return Seen(known=known)
                return _traffic(clients, measured, known, max(since, place.measured_until - AGAIN), now)

    async def _tell(
        self, session: AsyncSession, place: MeteredPlace, measured: Measured, deployed: Deployed | None,
        seen: Seen, since: datetime, now: datetime,
    ) -> None:  # fmt: skip
        match Look(place.look):
            case Look.RUNNING:
                await self._tell_runs(session, place, measured, deployed, seen, since, now)
            case Look.STORAGE:
                levels = {one.subject: LevelNow(one.level, one.at) for one in seen.kept}
                await tell_levels(session, measured, STORAGE_GB_MONTHS.key, levels, now)
            case _:
                window = settled(since, now, DELAYS[Look.TRAFFIC])
                await tell(session, measured, seen.counts, window, now)

    async def _tell_runs(
        self, session: AsyncSession, place: MeteredPlace, measured: Measured, deployed: Deployed | None,
        seen: Seen, since: datetime, now: datetime,
    ) -> None:  # fmt: skip
        """Of all hours that this look may have told something new of: those since the last one, and those since what it
        saw for the first time began."""
        runs, sightings = Runs(session, measured), list(seen.sightings or ())
        if seen.stands and deployed is not None and measured.environment.startswith(_PREVIEWS):
            sightings.append(await _standing(session, runs, deployed, now))
        begin = min(await runs.follow(sightings, now), place.measured_until - DELAYS[Look.RUNNING])
        window = settled(max(since, begin), now, DELAYS[Look.RUNNING])
        await tell(session, measured, amounts(await runs.within(window), window), window, now)


def _names(measured: Measured) -> tuple[str, str]:
    return measured.project, measured.environment


def _traffic(
    clients: Clients, measured: Measured, known: dict[str, Any], begin: datetime, now: datetime
) -> Seen:
    """Also of what was there at an earlier look, and is gone: CloudWatch keeps what it counted."""
    there = [] if "gone" in known else counters(clients, *_names(measured))
    both = sorted({*from_json(known.get("counters", ())), *there})
    window = settled(begin, now, DELAYS[Look.TRAFFIC])
    counts = counted(clients, known["region"], both, window)
    return Seen(counts=counts, known={**known, "counters": to_json(both)})


async def _note(session: AsyncSession, place: MeteredPlace, now: datetime, known: dict[str, Any]) -> bool:
    due = now + pause_after(Look(place.look), 0)
    return await note(session, place, measured_until=now, due_at=due, failures=0, error=None, known=known)


async def _standing(session: AsyncSession, runs: Runs, deployed: Deployed, now: datetime) -> Sighting:
    """A preview environment since its first deployment, or since the first after it was removed."""
    last = await runs.last_preview()
    rates = {PREVIEW_HOURS.key: Decimal(1)}
    if last is not None and last.end is None:
        return Sighting(last.id, last.subject, rates, last.start)
    start = await first_success(session, deployed.id, None if last is None else last.end) or now
    return Sighting(f"{PREVIEW}{start.isoformat()}", "-", rates, start)
