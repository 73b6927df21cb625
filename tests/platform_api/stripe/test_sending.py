"""Usage goes to Stripe as meter events: once, whatever becomes of requests and answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from platform_api.stripe.work import StripeWork
from tests.platform_api.stripe.conftest import Collecting
from tests.stripe_stand_in.account import Fault, Sent
from tests.stripe_stand_in.customers import delete_customer

EVENTS = "/v1/billing/meter_events"


def on_events(*faults: Fault | None) -> Callable[[Sent], Fault | None]:
    """A script: these go wrong with the first events, one after the other; then nothing does."""
    left = list(faults)

    def script(sent: Sent) -> Fault | None:
        return left.pop(0) if left and sent.path == EVENTS else None

    return script


class TestExporting:
    def test_an_hour_that_is_over_goes_to_stripe_in_millionths(self, collecting: Collecting) -> None:
        collecting.metering.tell(
            collecting.metering.event("a", "1.5", ago=3), collecting.metering.event("b", "0.0000014", ago=3)
        )
        assert collecting.export() == 1
        collecting.send()
        [event] = collecting.stripe.account.meter_events
        assert (event["event_name"], event["payload"]["value"]) == ("cygni_build_minutes", "1500001")
        assert collecting.rows() == [("build_minutes", 1500001, "sent")]

    def test_an_hour_that_goes_on_waits_for_its_end(self, collecting: Collecting) -> None:
        collecting.pass_by(minutes=10)
        collecting.metering.tell(collecting.metering.event("a", "1", ago=0.1))
        assert collecting.export() == 0
        collecting.pass_by(minutes=20)
        assert collecting.export() == 0
        collecting.pass_by(minutes=30)
        assert collecting.export() == 1

    def test_is_done_once_however_often_it_is_done(self, collecting: Collecting) -> None:
        collecting.metering.tell(collecting.metering.event("a", "1", ago=3))
        assert [collecting.export() for _ in range(3)] == [1, 0, 0]

    def test_of_one_organization_is_not_held_up_by_what_cannot_be_told_of_another(
        self, collecting: Collecting
    ) -> None:
        """Organisations are told of in the order in which they were made."""
        collecting.team.owner.post("/v1/organizations", slug="second", name="Second")
        collecting.metering.tell(collecting.metering.event("a", "1" + "0" * 14, ago=3))
        collecting.metering.tell(
            collecting.metering.event("a", "2", ago=3), by=collecting.program_of("second")
        )
        assert collecting.export() == 1
        assert collecting.rows("value") == [(2_000_000,)]

    def test_late_usage_of_an_hour_goes_as_another_event(self, collecting: Collecting) -> None:
        collecting.metering.tell(collecting.metering.event("a", "1", ago=30))
        collecting.export()
        for _ in range(5):  # so that the hour is long behind what is looked at
            collecting.pass_by(minutes=6)
            collecting.export()
        collecting.metering.tell(collecting.metering.event("b", "2", ago=30.5))
        collecting.export()
        collecting.send()
        assert [row[1] for row in collecting.rows()] == [1_000_000, 2_000_000]
        assert collecting.counted() == 3_000_000

    def test_deployments_are_counted_and_levels_stay_here(self, collecting: Collecting) -> None:
        event = collecting.metering.event
        collecting.metering.tell(
            event("a", "1", type="deployments", ago=3),
            event("b", "1", type="deployments", ago=3),
            event("c", "5", type="storage_gb_months", ago=3),
            event("d", "5", type="seats", ago=3),
        )
        collecting.export()
        assert [(row[0], row[1]) for row in collecting.rows()] == [("deployments", 2)]

    def test_what_was_corrected_below_what_was_sent_is_kept_from_later_usage(
        self, collecting: Collecting
    ) -> None:
        collecting.metering.tell(collecting.metering.event("a", "5", ago=3))
        collecting.export()
        collecting.send()
        answer = collecting.metering.owner.post(
            "/v1/organizations/acme/usage/corrections",
            source="/test",
            id="a",
            quantity="2",
            reason="a mistake",
        )
        assert answer.status_code == 201, answer.text
        assert collecting.export() == 0
        collecting.metering.tell(collecting.metering.event("b", "1", ago=2))
        assert collecting.export() == 0
        collecting.metering.tell(collecting.metering.event("c", "10", ago=2))
        assert collecting.export() == 1
        collecting.send()
        assert collecting.counted() == 13_000_000  # 2 + 1 + 10, of which 5 were there


class TestSending:
    def told(self, collecting: Collecting, hours: int = 1) -> None:
        events = [collecting.metering.event(str(one), "1", ago=2 + one) for one in range(hours)]
        collecting.metering.tell(*events)
        collecting.export()

    @pytest.mark.parametrize(
        "fault", [Fault.BUSY, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.CUT_BEFORE, Fault.CUT_AFTER]
    )
    def test_is_tried_again_and_counted_once(self, collecting: Collecting, fault: Fault) -> None:
        self.told(collecting)
        collecting.stripe.account.script = on_events(fault)
        collecting.send()
        [(_, _, state)] = collecting.rows()
        assert state == ("waiting" if fault is Fault.BUSY else "unknown")
        collecting.pass_by(minutes=2)
        collecting.send()
        assert collecting.rows() == [("build_minutes", 1_000_000, "sent")]
        assert collecting.counted() == 1_000_000

    def test_an_answer_that_comes_too_late_is_none(self, collecting: Collecting) -> None:
        self.told(collecting)
        collecting.stripe.account.script = on_events(Fault.SLOW_AFTER)
        collecting.seconds = 0.3
        collecting.send()
        assert collecting.rows("state, last_error") == [
            ("unknown", "Stripe did not say what became of it (no answer)")
        ]

    @pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.CUT_AFTER])
    def test_after_a_day_is_looked_up_and_not_sent_again(self, collecting: Collecting, fault: Fault) -> None:
        """Stripe would take the same identifier a second time then."""
        self.told(collecting)
        collecting.stripe.account.script = on_events(fault)
        collecting.send()
        collecting.pass_by(hours=25)
        collecting.send()
        collecting.pass_by(hours=1)
        collecting.send()
        assert collecting.counted() == 1_000_000
        wanted = ["sent"] if fault is Fault.CUT_AFTER else ["replaced", "sent"]
        assert [row[2] for row in collecting.rows()] == wanted

    def test_a_worker_that_was_killed_while_it_sent_leaves_it_unknown(self, collecting: Collecting) -> None:
        self.told(collecting)

        async def killed(work: StripeWork) -> None:
            await work.sender._claimed(collecting.now)

        collecting.work(killed)
        assert collecting.rows() == [("build_minutes", 1_000_000, "unknown")]
        collecting.pass_by(hours=30)
        collecting.send()
        collecting.send()
        assert [row[2] for row in collecting.rows()] == ["replaced", "sent"]

    def test_what_cannot_be_told_is_left_to_a_person(self, collecting: Collecting) -> None:
        self.told(collecting)
        collecting.stripe.account.script = on_events(Fault.CUT_AFTER)
        collecting.send()
        [event] = collecting.stripe.account.meter_events
        event["payload"]["value"] = "7"
        for hours in (25, 72):
            collecting.pass_by(hours=hours)
            collecting.send()
        assert collecting.rows("value, state, due_at") == [(1_000_000, "disputed", None)]

    def test_what_is_too_old_is_not_sent(self, collecting: Collecting) -> None:
        self.told(collecting)
        collecting.pass_by(days=35)
        collecting.send()
        assert collecting.rows() == [("build_minutes", 1_000_000, "too_late")]
        assert collecting.stripe.account.meter_events == []

    def test_a_silent_stripe_is_left_alone_for_a_while(self, collecting: Collecting) -> None:
        self.told(collecting, hours=100)
        collecting.stripe.account.script = lambda sent: Fault.CUT_BEFORE

        async def during_an_outage(work: StripeWork) -> list[int]:
            made = []
            for _ in range(30):
                made.append(await work.sender.make_due())
                collecting.pass_by(seconds=10)
            return made

        made = collecting.work(during_an_outage)
        assert made[0] == 100
        assert sum(1 for one in made if one) <= 3
        assert len(collecting.stripe.account.received) < 100

    def test_the_key_is_in_nothing_that_is_kept(self, collecting: Collecting) -> None:
        self.told(collecting)
        settings = collecting.stripe.settings
        assert settings.key not in repr(settings)
        collecting.stripe.account.script = lambda sent: Fault.ERROR_BEFORE
        collecting.send()
        assert settings.key not in str(collecting.rows("*"))


class TestMeters:
    def test_are_made_once_and_then_known(self, collecting: Collecting) -> None:
        for ago in (3, 2):
            collecting.metering.tell(collecting.metering.event(str(ago), "1", ago=ago))
            collecting.export()
            collecting.send()
        assert len(collecting.stripe.account.meters) == 1
        assert len(collecting.stripe.account.customers) == 1

    def test_of_a_customer_that_is_gone_count_nothing(self, collecting: Collecting) -> None:
        collecting.metering.tell(collecting.metering.event("a", "1", ago=3))
        collecting.export()
        collecting.stripe.account.script = on_events(Fault.CUT_AFTER)
        collecting.send()
        [customer] = collecting.stripe.account.customers
        delete_customer(collecting.stripe.account, customer)
        collecting.pass_by(hours=25)
        collecting.send()
        assert collecting.rows()[0][2] == "replaced"
