"""What deployments need of budgets, over the API, with workers played by the test."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cygni.errors import BudgetExceeded
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.queue import Queue
from tests.platform_api.budgets.conftest import Treasury
from tests.platform_api.deployments.plans import plan, step
from tests.platform_api.deployments.test_router import DEPLOYMENTS


def test_a_hundred_who_race_for_ten_get_ten(treasury: Treasury) -> None:
    treasury.set(amount="10")

    def deploy(number: int) -> int:
        """Until it is answered: a server that is too busy for the moment says so."""
        while True:
            answer = treasury.desk.deploy(**{"Idempotency-Key": f"deploy-{number}"})
            if answer.status_code != 503:
                return int(answer.status_code)

    with ThreadPoolExecutor(100) as pool:
        assert Counter(pool.map(deploy, range(100))) == {202: 10, 402: 90}
    found = treasury.read()
    assert (found["reserved"], found["left"]) == ("10", "0")
    assert treasury.workshop.run("SELECT count(*) FROM deployments") == [{"count": 10}]


class TestDeployment:
    def test_is_refused_where_nothing_is_left_and_told_what_to_do(self, treasury: Treasury) -> None:
        treasury.set(amount="1")
        assert treasury.desk.deploy().status_code == 202
        refused = treasury.desk.deploy().json()
        assert (refused["status"], refused["code"]) == (402, "budget_exceeded")
        assert "cx budget show monthly" in refused["hint"]
        assert refused["details"] == {
            "budget": "monthly", "amount": "1", "unit": "deployments", "left": "0", "needed": "1",
            "resets_at": "2026-04-01T00:00:00+00:00",
        }  # fmt: skip

    def test_is_let_through_at_once_where_the_budget_is_raised(self, treasury: Treasury) -> None:
        treasury.set(amount="1")
        treasury.desk.deployment()
        assert treasury.desk.deploy().status_code == 402
        assert treasury.change(amount="2").status_code == 200
        assert treasury.desk.deploy().status_code == 202
        assert treasury.desk.deploy().status_code == 402

    def test_is_never_refused_without_a_hard_limit(self, treasury: Treasury) -> None:
        treasury.set(amount="1", hard_limit=False)
        assert [treasury.desk.deploy().status_code for _ in range(3)] == [202] * 3

    def test_is_held_to_budgets_of_its_own_place_alone(self, treasury: Treasury) -> None:
        treasury.owner.post("/v1/organizations/acme/projects/shop/environments", name="preview-1")
        treasury.set("previews", amount="1", project="shop", environment="preview-1")
        there = DEPLOYMENTS.replace("staging", "preview-1")
        of_previews = [
            treasury.desk.developer.post(there, source=treasury.desk.source).status_code for _ in range(2)
        ]
        assert of_previews == [202, 402]
        assert treasury.desk.deploy().status_code == 202

    def test_that_only_looks_or_goes_back_needs_nothing(self, treasury: Treasury) -> None:
        treasury.desk.released(3)
        treasury.set(amount="1")
        treasury.desk.deployment()
        looked = treasury.desk.developer.post(DEPLOYMENTS, source=treasury.desk.source, plan_only=True)
        gone_back = treasury.desk.developer.post(DEPLOYMENTS.replace("deployments", "rollback"), release=3)
        assert (looked.status_code, gone_back.status_code) == (202, 202)

    def test_of_a_meter_that_is_used_up_is_refused(self, treasury: Treasury) -> None:
        treasury.set(meter="build_minutes", amount="100")
        treasury.use(99)
        assert treasury.desk.deploy().status_code == 202
        treasury.use(1)
        assert treasury.desk.deploy().json()["code"] == "budget_exceeded"

    def test_gives_back_what_it_reserved_when_it_fails_or_is_cancelled(self, treasury: Treasury) -> None:
        treasury.set(amount="1")
        cancelled = treasury.desk.deployment()
        treasury.desk.developer.post(f"{DEPLOYMENTS}/{cancelled}/cancel")
        treasury.desk.deployment()
        treasury.desk.work(Status.FAILED)
        assert treasury.read()["reserved"] == "0"
        assert treasury.desk.deploy().status_code == 202

    def test_keeps_what_it_reserved_while_its_worker_is_lost_until_it_is_reaped(
        self, treasury: Treasury
    ) -> None:
        treasury.set(amount="1")
        identifier = uuid.UUID(treasury.desk.deployment())
        for reaped in (Status.RECOVERING, Status.RECOVERING, Status.NEEDS_ATTENTION):
            treasury.desk.work()  # a worker takes it up, and is heard of no more
            treasury.workshop.expire(identifier)
            assert treasury.read()["reserved"] == "1"
            treasury.workshop.with_queue(_reap)
            assert treasury.workshop.status(identifier) == reaped
        assert treasury.read()["reserved"] == "0"


async def _reap(queue: Queue, _: object) -> int:
    return await queue.reap()


class TestCost:
    """Of what is deployed, in USD a month, as plans tell it."""

    def planned(self, treasury: Treasury, before: str, after: str, delta: str) -> str:
        """A deployment that waits with a plan, whose costs are these; its digest."""
        found = plan(step(uuid.uuid4().hex), delta=delta)
        found["cost"] |= {"before": {"totals": {"monthly": before}}, "after": {"totals": {"monthly": after}}}
        treasury.desk.deployment()
        treasury.desk.work(Status.AWAITING_APPROVAL, plan=found, monthly_delta=delta)
        return str(found["digest"])

    def approve(self, treasury: Treasury, digest: str) -> tuple[int, str]:
        [waiting] = treasury.workshop.run("SELECT id FROM deployments WHERE status = 'awaiting_approval'")
        answer = treasury.owner.post(f"{DEPLOYMENTS}/{waiting['id']}/approve", plan=digest)
        return answer.status_code, answer.json().get("code", answer.json().get("status"))

    def test_is_reserved_when_a_plan_is_approved_and_stands_when_it_is_done(self, treasury: Treasury) -> None:
        treasury.set(kind="cloud_cost", amount="100")
        digest = self.planned(treasury, before="0", after="80", delta="80")
        assert treasury.read()["left"] == "100"
        assert self.approve(treasury, digest) == (200, "approved")
        assert (treasury.read()["used"], treasury.read()["reserved"]) == ("0", "80")
        treasury.desk.work(Status.RELEASING, Status.SUCCEEDED, release=1)
        assert (treasury.read()["used"], treasury.read()["reserved"]) == ("80", "0")

    def test_is_refused_where_it_is_more_than_is_left(self, treasury: Treasury) -> None:
        treasury.set(kind="cloud_cost", amount="100")
        digest = self.planned(treasury, before="90", after="101", delta="11")
        assert self.approve(treasury, digest) == (402, "budget_exceeded")
        treasury.change(amount="101")
        assert self.approve(treasury, digest) == (200, "approved")

    def test_that_grows_by_nothing_is_let_through_whatever_is_left(self, treasury: Treasury) -> None:
        treasury.set(kind="cloud_cost", amount="10")
        digest = self.planned(treasury, before="90", after="80", delta="-10")
        assert self.approve(treasury, digest) == (200, "approved")

    def test_is_reserved_by_the_worker_where_nobody_approves(self, treasury: Treasury) -> None:
        treasury.set(kind="cloud_cost", amount="14")
        identifier = uuid.UUID(treasury.desk.deployment())
        with pytest.raises(BudgetExceeded):
            treasury.desk.work(Status.APPLYING, reserve=Decimal(15))
        assert treasury.read()["reserved"] == "0"
        treasury.change(amount="15")
        treasury.workshop.expire(identifier)
        treasury.workshop.with_queue(_reap)
        treasury.desk.work(Status.APPLYING, reserve=Decimal(15))
        assert treasury.read()["reserved"] == "15"


def test_what_succeeded_stays_counted(treasury: Treasury) -> None:
    treasury.plane.clock.move(datetime.now(UTC) - treasury.plane.clock.now())
    for person in (treasury.owner, treasury.desk.developer):
        person.sign_in()
    treasury.set(amount="1")
    treasury.desk.deployment()
    treasury.desk.work(Status.SUCCEEDED)
    assert (treasury.read()["used"], treasury.read()["reserved"]) == ("1", "0")
    assert treasury.desk.deploy().status_code == 402
