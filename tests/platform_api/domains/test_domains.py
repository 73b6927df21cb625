"""Domains over the API, and the checks of a worker, with a DNS and a certificate authority that a test has made up."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import httpx2
import psycopg
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from sqlmodel import col, select

from cygni.doctor.sources.names import Missing
from cygni.errors import CygniError
from platform_api.access.permissions import MATRIX, Role
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope, enter
from platform_api.deployments.kinds import Kind
from platform_api.domains.certificates import AcmCertificates
from platform_api.domains.checks import DomainChecks
from platform_api.domains.serving import Serving, issued_domains, note_serving, serving_after
from platform_api.domains.steps import Certificate, Record
from platform_api.environments.models import Environment
from stacks.given_domains import GivenDomain
from tests.platform_api.conftest import KEY, ControlPlane
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.people import Person, Team
from tests.platform_api.worker.scripted_runner import Script, working

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


@pytest.fixture
def registry(team: Team, control_plane: ControlPlane) -> Registry:
    return Registry(team, control_plane)


class TestTheWay:
    def test_is_from_a_record_to_a_certificate(self, registry: Registry) -> None:
        made = registry.add(region="eu-central-1")
        assert (made["status"], len(made["records"])) == ("pending", 1)
        registry.checked()
        waiting = registry.read(made)
        assert (waiting["status"], waiting["reason"]) == ("verifying", "its TXT record is not found yet")
        registry.show(made)
        registry.checked()
        registry.checked(timedelta(seconds=1))
        asked = registry.read(made)
        assert (asked["status"], asked["reason"]) == ("provisioning", "its CNAME record is not found yet")
        assert [(one["type"], one["name"], one["value"]) for one in asked["records"]][1] == (
            "CNAME",
            "_a.shop.example.com",
            "_b.acm-validations.aws",
        )
        registry.outside.status = "ISSUED"
        registry.checked()
        done = registry.read(made)
        assert (done["status"], done["served"], len(done["records"])) == ("active", False, 2)
        assert done["certificate"].startswith("arn:aws:acm:eu-central-1:")
        assert len(registry.outside.requested) == 1
        assert registry.checked() == 0  # not before the next day
        assert registry.checked(timedelta(days=1)) == 1

    def test_ends_after_three_days_and_goes_on_when_it_is_asked_to(self, registry: Registry) -> None:
        made = registry.add()
        for _ in range(80):
            registry.checked()
        failed = registry.read(made)
        assert (failed["status"], failed["due_at"]) == ("failed", None)
        assert "72 hours" in failed["reason"]
        registry.show(made)
        again = registry.owner.post(f"{registry.domains}/{made['id']}/check")
        assert (again.status_code, again.json()["status"]) == (202, "pending")
        registry.checked(timedelta())
        assert registry.read(made)["status"] == "provisioning"

    def test_asks_for_another_certificate_after_one_failed(self, registry: Registry) -> None:
        made = registry.add()
        registry.show(made)
        registry.outside.status = "FAILED"
        registry.checked()
        registry.checked()
        assert "no certificate" in registry.read(made)["reason"]
        registry.outside.status = "ISSUED"
        registry.owner.post(f"{registry.domains}/{made['id']}/check")
        registry.checked(timedelta())
        assert (registry.read(made)["status"], len(registry.outside.requested)) == ("active", 2)

    def test_waits_where_nobody_answers_and_tells_why(self, registry: Registry) -> None:
        made = registry.add()
        registry.outside.away = "no resolver answers"
        registry.checked()
        assert registry.read(made)["reason"] == "no resolver answers"
        registry.outside.away = None
        registry.show(made)
        registry.checked()
        registry.outside.away = "no credentials"
        registry.checked()
        stuck = registry.read(made)
        assert (stuck["status"], stuck["reason"]) == ("provisioning", "no credentials")
        registry.outside.away, registry.outside.status = None, "ISSUED"
        registry.checked()
        assert registry.read(made)["status"] == "active"

    def test_begins_again_where_somebody_asks_for_a_check_during_one(self, registry: Registry) -> None:
        made = registry.add()

        def ask() -> None:
            assert registry.owner.post(f"{registry.domains}/{made['id']}/check").status_code == 202

        registry.outside.meanwhile = ask
        registry.checked()
        found = registry.read(made)
        assert (found["status"], found["due_at"] is None) == ("pending", False)

    def test_is_gone_by_one_of_several_workers(self, registry: Registry) -> None:
        registry.add()
        assert registry.checked(workers=4) == 1


class TestOwners:
    def test_of_another_organization_are_told_only_when_they_have_shown_it(self, registry: Registry) -> None:
        mine = registry.add()
        registry.show(mine)
        registry.checked()
        registry.team.owner.sign_in()
        assert registry.team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        theirs_at = registry.project(registry.team.owner, "other", "theirs")
        theirs = registry.team.owner.post(theirs_at, name=NAME, environment="staging").json()
        assert theirs["records"][0]["value"] != mine["records"][0]["value"]
        sign_in = registry.team.owner

        def reason() -> str:
            sign_in.sign_in()
            return str(sign_in.get(f"{theirs_at}/{theirs['id']}").json()["reason"])

        registry.checked()
        assert reason() == "its TXT record is not found yet"
        registry.show(theirs)
        registry.checked()
        assert reason() == "another organization has verified this domain"
        assert registry.read(mine)["verified_at"] is not None
        assert registry.owner.ask("DELETE", f"{registry.domains}/{mine['id']}").status_code == 202
        registry.checked(timedelta())
        sign_in.sign_in()
        assert sign_in.post(f"{theirs_at}/{theirs['id']}/check").status_code == 202
        registry.checked(timedelta())
        assert reason() == "the certificate is being requested"


class TestDomains:
    @pytest.mark.parametrize(
        "name", ["shop", "SHOP.example.com", "shop.example.com.", "a b.example.com", "*.x.de"]
    )
    def test_that_are_none_are_refused(self, registry: Registry, name: str) -> None:
        assert registry.owner.post(registry.domains, name=name, environment="production").status_code == 422

    def test_are_there_once(self, registry: Registry) -> None:
        registry.add()
        assert registry.owner.post(registry.domains, name=NAME, environment="staging").status_code == 409
        assert [one["name"] for one in registry.owner.get(registry.domains).json()["items"]] == [NAME]


class TestEnvironments:
    def test_have_domains_which_move_between_them(self, registry: Registry) -> None:
        made = registry.add()
        assert made["environment"] == "production"
        moved = registry.owner.ask(
            "PATCH", f"{registry.domains}/{made['id']}", json={"environment": "staging"}
        )
        assert (moved.status_code, moved.json()["environment"]) == (200, "staging")
        assert [one["environment"] for one in registry.owner.get(registry.domains).json()["items"]] == [
            "staging"
        ]

    def test_have_to_be_there(self, registry: Registry) -> None:
        assert registry.owner.post(registry.domains, name=NAME).status_code == 422
        refused = registry.owner.post(registry.domains, name=NAME, environment="nightly")
        assert (refused.status_code, "'nightly'" in refused.json()["detail"]) == (404, True)
        made = registry.add()
        assert (
            registry.owner.ask(
                "PATCH", f"{registry.domains}/{made['id']}", json={"environment": "nightly"}
            ).status_code
            == 404
        )
        assert registry.read(made)["environment"] == "production"

    def test_leave_their_domains_when_they_are_deleted(self, registry: Registry) -> None:
        made = registry.add()
        registry.show(made)
        registry.outside.status = "ISSUED"
        registry.checked()
        registry.checked(timedelta(seconds=1))
        found = registry.read(made)
        assert (found["status"], found["served"]) == ("active", False)
        assert found["reason"].startswith("the next deployment of production puts")
        environment = registry.domains.replace("domains", "environments/production")
        assert registry.owner.ask("DELETE", environment).status_code == 204
        left = registry.read(made)
        assert (left["status"], left["environment"]) == ("active", None)
        assert left["reason"].startswith("it needs an environment")
        registry.owner.ask("PATCH", f"{registry.domains}/{made['id']}", json={"environment": "staging"})
        assert registry.read(made)["reason"].startswith("the next deployment of staging puts")


class TestServing:
    def test_is_of_what_is_active_in_the_environment_in_the_order_it_was_added_in(
        self, registry: Registry
    ) -> None:
        registry.outside.status = "ISSUED"
        for name, environment in (("b.de", "production"), ("a.de", "production"), ("c.de", "staging")):
            registry.show(registry.add(name=name, environment=environment))
            registry.plane.clock.move(timedelta(seconds=1))
        registry.add(name="d.de")
        registry.checked(timedelta())
        assert registry.issued() == []
        registry.checked()
        assert registry.issued() == ["b.de", "a.de"]
        assert registry.issued("staging") == ["c.de"]

    @pytest.mark.parametrize(("is_zone", "kind", "zone"), [(False, "CNAME", None), (True, "ALIAS", "Z1")])
    def test_is_by_the_record_that_is_told_once_it_is_deployed(
        self, registry: Registry, is_zone: bool, kind: str, zone: str | None
    ) -> None:
        registry.outside.zones = {NAME} if is_zone else {"example.com"}
        made = registry.active()
        registry.deployed(NAME)
        found = registry.read(made)
        assert (found["reason"], found["served"]) == (None, True)
        record = found["records"][-1]
        assert (record["type"], record["name"], record["value"], record["zone_id"]) == (
            kind,
            NAME,
            LEADS,
            zone,
        )
        registry.deployed()  # without it
        left = registry.read(made)
        assert (left["served"], len(left["records"])) == (False, 2)

    def test_is_by_a_deployment_that_gets_the_certificate(self, registry: Registry) -> None:
        made = registry.active()
        script = Script(outputs={"foundation": {"loadBalancerDnsName": LEADS, "domains": [NAME]}})
        with working(registry.worker_url, script):
            deployment = registry.deploy()
            until = time.monotonic() + 60
            while registry.owner.get(deployment).json()["status"] != "succeeded":
                assert time.monotonic() < until
                time.sleep(0.1)
        assert [order.domains for order in script.orders] == [(GivenDomain(NAME, made["certificate"]),)] * 2
        found = registry.read(made)
        assert (found["served"], found["records"][-1]["value"]) == (True, LEADS)

    def test_is_of_the_environment_alone_that_was_deployed(self, registry: Registry) -> None:
        mine, other = registry.active(), registry.active(name="b.de", environment="staging")
        registry.deployed(NAME, "b.de")
        assert (registry.read(mine)["served"], registry.read(other)["served"]) == (True, False)
        registry.owner.ask("PATCH", f"{registry.domains}/{mine['id']}", json={"environment": "staging"})
        assert registry.read(mine)["served"] is False


class TestRemoving:
    def test_waits_until_a_deployment_took_it_off(self, registry: Registry) -> None:
        made = registry.active()
        registry.deployed(NAME)
        going = registry.remove(made)
        assert (going.status_code, going.json()["status"]) == (202, "removing")
        assert (
            going.json()["reason"]
            == "the load balancer of production has its certificate until the next deployment"
        )
        registry.checked()
        assert (registry.read(made)["status"], registry.outside.deleted) == ("removing", [])
        assert registry.issued() == []
        registry.deployed()
        registry.checked(timedelta(seconds=1))
        assert registry.owner.get(registry.domains).json()["items"] == []
        assert registry.outside.deleted == [made["certificate"]]

    def test_waits_while_aws_says_that_something_serves_with_it(self, registry: Registry) -> None:
        made = registry.active()
        registry.outside.in_use = {made["certificate"]}
        registry.remove(made)
        registry.checked()
        assert "something serves with its certificate" in registry.read(made)["reason"]
        registry.outside.in_use = set()
        registry.outside.away = "no credentials"
        registry.checked()
        assert (registry.read(made)["status"], registry.read(made)["reason"]) == (
            "removing",
            "no credentials",
        )
        registry.outside.away = None
        registry.checked()
        assert registry.owner.get(f"{registry.domains}/{made['id']}").status_code == 404

    def test_waits_for_a_deployment_that_may_have_its_certificate_in_hand(self, registry: Registry) -> None:
        made = registry.active()
        registry.deploying(True)
        registry.remove(made)
        registry.checked()
        assert registry.read(made)["reason"] == "a deployment of its environment is under way"
        registry.deploying(False)
        registry.checked()
        assert registry.outside.deleted == [made["certificate"]]

    def test_deletes_the_certificate_that_was_requested_meanwhile(self, registry: Registry) -> None:
        made = registry.add()
        registry.show(made)
        registry.checked()
        ask, removed = registry.outside.request, []

        def remove(name: str, domain: uuid.UUID, region: str | None) -> str:
            removed.append(registry.remove(made).status_code)
            return ask(name, domain, region)

        registry.outside.request = remove  # type: ignore[method-assign]
        registry.checked()
        assert removed == [202]
        registry.checked()
        assert [arn.rpartition("/")[2] for arn in registry.outside.deleted] == [made["id"]]

    def test_is_at_once_of_what_was_never_verified(self, registry: Registry) -> None:
        assert registry.remove(registry.add()).status_code == 204
        assert registry.owner.get(registry.domains).json()["items"] == []

    def test_lets_nobody_move_it(self, registry: Registry) -> None:
        made = registry.active()
        registry.remove(made)
        assert registry.remove(made).status_code == 202
        moved = registry.owner.ask(
            "PATCH", f"{registry.domains}/{made['id']}", json={"environment": "staging"}
        )
        assert moved.status_code == 409


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "answer", "serving"),
        [
            (
                Kind.DEPLOY,
                {
                    "outputs": {
                        "foundation": {
                            "loadBalancerDnsName": LEADS,
                            "loadBalancerZoneId": "Z1",
                            "domains": ["a.de"],
                        }
                    }
                },
                Serving(LEADS, "Z1", ("a.de",)),
            ),
            (Kind.DEPLOY, {"outputs": {"foundation": {"loadBalancerDnsName": LEADS}}}, Serving(LEADS)),
            (Kind.DEPLOY, {"outputs": {"foundation": {"loadBalancerDnsName": "127.0.0.1:1"}}}, Serving()),
            (Kind.DEPLOY, {"outputs": {}}, Serving()),
            (Kind.DEPLOY, {}, None),
            (Kind.DESTROY, {"deleted": 3}, Serving()),
            (Kind.SCALE, {"outputs": {}}, None),
        ],
    )
    def test_tell_what_is_served(self, kind: Kind, answer: dict[str, Any], serving: Serving | None) -> None:
        assert serving_after(kind, answer) == serving


class TestAcm:
    def test_is_asked_for_one_certificate_and_its_record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        with mock_aws():
            acm = AcmCertificates()
            domain = uuid.uuid4()
            arn = acm.request(NAME, domain, "eu-central-1")
            assert acm.request(NAME, domain, "eu-central-1") == arn
            assert arn.startswith("arn:aws:acm:eu-central-1:")
            found = acm.look(arn)
            assert (found.arn, found.status) == (arn, "PENDING_VALIDATION")
            [record] = found.records
            assert (record.type, record.name.endswith(NAME), record.value.endswith(".")) == (
                "CNAME",
                True,
                False,
            )
            tags = boto3.client("acm", "eu-central-1").list_tags_for_certificate(CertificateArn=arn)["Tags"]
            assert tags == [{"Key": "cygni:domain", "Value": str(domain)}]
            with pytest.raises(CygniError, match="cannot be asked"):
                acm.look(f"{arn}x")
            assert (acm.delete(arn), acm.delete(arn)) == (True, True)

    @pytest.mark.parametrize(("code", "gone"), [("ResourceInUseException", False), ("AccessDenied", None)])
    def test_keeps_a_certificate_that_is_in_use(self, code: str, gone: bool | None) -> None:
        class Refusing:
            def delete_certificate(self, **given: str) -> None:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DeleteCertificate")

        acm = AcmCertificates(lambda *args, **more: Refusing())
        if gone is None:
            with pytest.raises(CygniError, match="cannot be asked"):
                acm.delete("arn:aws:acm:eu-central-1:1:certificate/1")
        else:
            assert acm.delete("arn:aws:acm:eu-central-1:1:certificate/1") is gone
