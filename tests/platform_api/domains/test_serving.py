"""Domains at load balancers: what a deployment gets, and how one is taken off again."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest

from platform_api.deployments.kinds import Kind
from platform_api.domains.serving import Serving, serving_after
from stacks.given_domains import GivenDomain
from tests.platform_api.domains.registry import LEADS, NAME, Registry
from tests.platform_api.worker.scripted_runner import Script, working


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
