"""A project with its domains, and a DNS and a certificate authority that a test has made up."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
import psycopg
from sqlmodel import col, select

from cygni.doctor.sources.names import Missing
from cygni.errors import CygniError
from platform_api.access.permissions import MATRIX, Role
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope, enter
from platform_api.domains.checks import DomainChecks
from platform_api.domains.serving import Serving, issued_domains, note_serving
from platform_api.domains.steps import Certificate, Record
from platform_api.environments.models import Environment
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY

NAME = "shop.example.com"
LEADS = "shop-production-1.eu-central-1.elb.amazonaws.com"
VALIDATION = Record("CNAME", f"_a.{NAME}", "_b.acm-validations.aws", "lets ACM issue the certificate")


@dataclass
class Outside:
    """The DNS, and what stands for ACM. `away` is what is wrong with them, if anything is;
    `meanwhile` is done while the DNS is asked."""

    texts: dict[str, set[str]] = field(default_factory=dict)
    status: str = "PENDING_VALIDATION"
    requested: list[uuid.UUID] = field(default_factory=list)
    away: str | None = None
    meanwhile: Callable[[], None] = lambda: None
    zones: set[str] = field(default_factory=set)
    in_use: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)

    def text(self, name: str, kind: str) -> frozenset[str]:
        self.demand()
        self.meanwhile()
        assert kind == "TXT"
        return frozenset(f'"{one}"' for one in self.texts.get(name, ()))

    def request(self, name: str, domain: uuid.UUID, region: str | None) -> str:
        self.demand()
        self.requested.append(domain)
        return f"arn:aws:acm:{region}:1:certificate/{domain}"

    def look(self, arn: str) -> Certificate:
        self.demand()
        return Certificate(arn, self.status, (VALIDATION,))

    def delete(self, arn: str) -> bool:
        self.demand()
        if arn in self.in_use:
            return False
        self.deleted.append(arn)
        return True

    def demand(self) -> None:
        if self.away:
            raise CygniError(self.away)

    def delegation(self, zone: str) -> tuple[frozenset[str], str]:
        self.demand()
        return frozenset({"ns.test"} if zone in self.zones else ()), "the resolver"

    def issuers(self, host: str) -> tuple[frozenset[str], str] | None:
        raise AssertionError(host)

    def address(self, host: str) -> str | Missing:
        raise AssertionError(host)


class Registry:
    """The owner's project `shop` with its domains, and a worker that looks at them."""

    def __init__(self, team: Team, plane: ControlPlane) -> None:
        self.plane, self.team, self.outside = plane, team, Outside()
        self.owner = team.key(scopes=sorted(MATRIX[Role.OWNER]))[0]
        self.worker_url = url_as(plane.owner_url, plane.roles.worker, KEY)
        self.domains = self.project(self.owner, "acme", "shop")

    def project(self, owner: Person, organization: str, slug: str) -> str:
        at = f"/v1/organizations/{organization}/projects/{slug}"
        made = [owner.post(f"/v1/organizations/{organization}/projects", slug=slug)]
        made += [owner.post(f"{at}/environments", name=name) for name in ("production", "staging")]
        assert [one.status_code for one in made] == [201, 201, 201]
        return f"{at}/domains"

    def add(self, **more: str) -> dict[str, Any]:
        made = self.owner.post(self.domains, **{"name": NAME, "environment": "production", **more})
        assert made.status_code == 201, made.text
        return dict(made.json())

    def read(self, domain: dict[str, Any]) -> dict[str, Any]:
        return dict(self.owner.get(f"{self.domains}/{domain['id']}").json())

    def show(self, domain: dict[str, Any]) -> None:
        """Its owner sets the TXT record, exactly as it was told."""
        record = domain["records"][0]
        self.outside.texts.setdefault(record["name"], set()).add(record["value"])

    def checked(self, later: timedelta = timedelta(hours=1), workers: int = 1) -> int:
        """How many were looked at, after a while."""
        self.plane.clock.move(later)

        async def check(checks: DomainChecks) -> int:
            return sum(await asyncio.gather(*(checks.make_due() for _ in range(workers))))

        return self.work(check)

    def issued(self, environment: str = "production") -> list[str]:
        """The domains that a worker gives a deployment of the environment."""

        async def given() -> list[str]:
            database = Database(self.worker_url)
            try:
                async with database.transaction(Scope()) as session:
                    where = col(Environment.name) == environment
                    found = await session.scalar(select(Environment).where(where))
                    assert found is not None
                    return [one.name for one in await issued_domains(session, found)]
            finally:
                await database.close()

        return asyncio.run(given())

    def active(self, **more: str) -> dict[str, Any]:
        """One with a certificate, just now."""
        made = self.add(**more)
        self.show(made)
        self.outside.status = "ISSUED"
        self.checked(timedelta(seconds=1))
        self.checked(timedelta(seconds=1))
        found = self.read(made)
        assert found["status"] == "active"
        return found

    def remove(self, domain: dict[str, Any]) -> httpx2.Response:
        return self.owner.ask("DELETE", f"{self.domains}/{domain['id']}")

    def deployed(self, *names: str) -> None:
        """A worker's deployment of production ends well, and has these domains at its load balancer."""

        async def note() -> None:
            database = Database(self.worker_url)
            try:
                async with database.transaction(Scope()) as session:
                    where = col(Environment.name) == "production"
                    found = await session.scalar(select(Environment).where(where))
                    assert found is not None
                    await enter(session, Scope(organization=found.organization_id))
                    serving = Serving(LEADS, "Z1", names)
                    now = self.plane.clock.now()
                    await note_serving(session, found.organization_id, found.id, serving, now)
            finally:
                await database.close()

        asyncio.run(note())

    def deploy(self) -> str:
        """Asks for a deployment of production; where it is."""
        source = self.owner.ask("POST", self.domains.replace("domains", "sources"), content=archive())
        path = self.domains.replace("domains", "environments/production/deployments")
        made = self.owner.post(path, source=source.json()["id"])
        assert made.status_code == 202, made.text
        return f"{path}/{made.json()['id']}"

    def deploying(self, begins: bool) -> None:
        """Whether a worker has a deployment of production in hand."""
        if begins:
            self.deploy()
        row = "'planning', 'me', now()" if begins else "'cancelled', NULL, NULL"
        with closing(psycopg.connect(self.plane.owner_url, autocommit=True)) as owner:
            owner.execute(f"UPDATE deployments SET (status, worker, lease_expires_at) = ({row})")

    def work(self, what: Callable[[DomainChecks], Awaitable[int]]) -> int:
        async def working() -> int:
            database = Database(self.worker_url)
            try:
                return await what(
                    DomainChecks(database, self.plane.clock, lambda: self.outside, self.outside)
                )
            finally:
                await database.close()

        return asyncio.run(working())
