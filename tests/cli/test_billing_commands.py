"""Commands about billing, with a real control plane for which a stand-in for Stripe collects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import login as login_command
from cli.billing import _lines
from cygni.control_plane.api import Api
from cygni.control_plane.process import ControlPlane
from platform_api.clock import SystemClock
from tests.cli.machines import Machine, serving
from tests.stripe_stand_in.served import stripe_stand_in

BUILDS = """\
key: builds
name: Builds
currency: USD
terms:
  charges:
    - {kind: usage, key: builds, name: Builds, meter: build_minutes, price: {model: per_unit, unit_price: 0.50}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, Path]]:
    """One for which a stand-in for Stripe collects."""
    with (
        stripe_stand_in(SystemClock()) as stripe,
        serving(
            tmp_path_factory.mktemp("server"),
            CYGNI_SERVER_STRIPE_KEY=stripe.settings.key,
            CYGNI_SERVER_STRIPE_API=stripe.url,
        ) as found,
    ):
        yield found


def report(ada: Machine, found: ControlPlane, *events: dict[str, Any], organization: str = "acme") -> None:
    """As a program does."""
    name = f"meter-{time.monotonic_ns()}"
    key = ada.does("token", "create", name, "--scope", "usage:write", "--org", organization)["key"]
    for event in events:
        body = {"specversion": "1.0", "source": "/test", "type": "build_minutes", **event}
        told = Api(found.url, lambda: key).post("/v1/usage/events", body=body)
        assert told["counted"] == 1, told


class TestBudgets:
    def test_are_set_shown_changed_and_removed(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        assert "There is no budget" in ada("budget", "list", *inside).err
        nothing = ada("budget", "set", "deploys", *inside)
        assert (nothing.code, "needs an amount and a kind" in nothing.err) == (2, True)
        made = ada.does("budget", "set", "deploys", "200", "--meter", "deployments", "--hard", *inside)
        assert (made["amount"], made["hard_limit"], made["unit"]) == ("200", True, "deployment")
        changed = ada("budget", "set", "deploys", "300", "--at", "80", *inside)
        assert (changed.code, "0 of 300 deployment used, 300 left" in changed.err) == (0, True)
        assert "are refused" in ada("budget", "show", "deploys", *inside).err
        assert "told at 80 % and by forecast" in ada("budget", "show", "deploys", *inside).err
        other = ada("budget", "set", "deploys", "300", "--cloud-cost", *inside)
        assert (other.code, "of another kind" in other.err) == (2, True)
        [listed] = ada.does("budget", "list", *inside)["items"]
        assert {**listed, "alerts": []} == ada.does("budget", "show", "deploys", *inside)
        assert "deploys" in ada("budget", "list", *inside).err
        assert ada("budget", "remove", "deploys", *inside).code == 0
        assert ada("budget", "show", "deploys", *inside).code == 6


class TestBilling:
    PLAN = """\
key: team
name: Team
currency: EUR
terms:
  charges:
    - {kind: fee, key: base, name: Base fee, amount: 20.10}
  limits: {projects: 100}
"""

    def test_is_by_plans_of_files_that_organizations_are_subscribed_to(
        self, ada: Machine, tmp_path: Path
    ) -> None:
        file, inside = tmp_path / "team.yaml", ("--org", "acme")
        file.write_text(self.PLAN)
        made = ada.does("plans", "create", "-f", str(file))
        assert made["newest"]["terms"]["charges"][0]["amount"] == "20.10"
        assert ada("plans", "create", "-f", str(file)).code == 1, "it is there already"
        file.write_text(self.PLAN.replace("20.10", "25"))
        assert ada.does("plans", "update", "-f", str(file))["newest"]["version"] == 2
        assert "Base fee: 25 for each period" in ada("plans", "show", "team").err
        assert [one["key"] for one in ada.does("plans", "list")["items"]] == ["team"]

        charge = "kind: usage, key: lunch, name: Lunch, price: {model: per_unit, unit_price: 1}"
        for meter, warned in (("sandwiches", True), ("vcpu_hour", True), ("vcpu_hours", False)):
            file.write_text(self.PLAN.replace("  limits", f"    - {{{charge}, meter: {meter}}}\n  limits"))
            told = ada("plans", "update", "-f", str(file))
            assert (told.code, f"Cygni measures no {meter}" in told.err) == (0, warned), told.err
            assert ('did you mean "vcpu_hours"?' in told.err) == (meter == "vcpu_hour")
        file.write_text(self.PLAN.replace("20.10", "25"))
        assert ada.does("plans", "update", "-f", str(file))["newest"]["version"] == 6

        file.write_text(self.PLAN.replace("20.10", "-1"))
        refused = ada("plans", "update", "-f", str(file))
        assert (refused.code, "amount" in refused.err) == (2, True)

        assert ada("subscription", "show", *inside).code == 6
        assert ada.does("subscription", "set", "team", "--tax-rate", "19", *inside)["version"] == 6
        assert "team (version 6), in EUR" in ada("subscription", "show", *inside).err
        assert ada.does("subscription", "cancel", *inside)["end"] is not None
        assert ada.does("subscription", "set", "team", *inside)["end"] is None

        credit = ada.does("credit", "give", "50", "EUR", "--reason", "Welcome", *inside)["id"]
        assert "Welcome" in ada("credit", "list", *inside).err
        assert ada.does("credit", "void", credit, *inside)["voided_at"] is not None
        assert ada("credit", "void", credit, *inside).code == 7, "it is void already"

        assert ada("plans", "archive", "team").code == 0
        assert ada.does("plans", "list") == {"items": []}
        assert ada("plans", "archive", "team", "--undo").code == 0

    def test_is_set_by_operators_who_are_made_on_the_servers_machine_too(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        token = ada.does("member", "invite", "olga@example.com", "--org", "acme")["token"]
        olga = machine("olga")
        with ada.monkeypatch.context() as patch:
            patch.setenv(login_command.INVITATION_TOKEN, token)
            olga.signs_in(server[0].url, "olga@example.com", "--invitation", "--name", "Olga")
        assert olga("operator", "list").code == 3
        here = Machine(server[1], ada.monkeypatch, ada.capsys)
        assert here.does("server", "operator", "add", "olga@example.com")["added"] is True
        assert "already" in here("server", "operator", "add", "Olga@example.com").err
        assert here("server", "operator", "add", "nobody@example.com").code == 6
        emails = [one["email"] for one in olga.does("operator", "list")["items"]]
        assert emails == ["ada@example.com", "olga@example.com"]
        assert ada("operator", "remove", "olga@example.com").code == 0
        assert ada("operator", "remove", "olga@example.com").code == 6
        assert ada("operator", "remove", "ada@example.com").code == 2, "one remains"
        assert olga("server", "operator", "add", "olga@example.com").code == 6, "no control plane is there"
        assert ada("member", "remove", "olga@example.com", "--org", "acme").code == 0


class TestUsage:
    def test_is_shown_by_meter_with_the_events_behind_a_figure(
        self, ada: Machine, server: tuple[ControlPlane, Path]
    ) -> None:
        now = datetime.now(UTC).isoformat()
        before = datetime.now(UTC) - timedelta(days=3)
        report(
            ada,
            server[0],
            {"id": "1", "time": now, "subject": "web", "data": {"quantity": "2.5", "project": "metered"}},
            {"id": "2", "time": now, "data": {"quantity": "4", "project": "another"}},
            {"id": "3", "time": before.isoformat(), "data": {"quantity": "8", "project": "metered"}},
        )
        of_project = ("--org", "acme", "--project", "metered", "--from", f"{before:%Y-%m-%d}")
        [found] = ada.does("usage", *of_project, "--meter", "build_minutes")["totals"]
        assert found == {"meter": "build_minutes", "unit": "minute", "quantity": "10.5"}
        until = ("--to", (before + timedelta(hours=1)).isoformat())
        [found] = ada.does("usage", *of_project, *until, "--meter", "build_minutes")["totals"]
        assert found["quantity"] == "8"
        events = ada.does("usage", *of_project, "--meter", "build_minutes", "--events")["items"]
        assert [one["id"] for one in events] == ["3", "1"]
        shown = ada("usage", *of_project).err
        assert [line.split() for line in shown.splitlines() if "build_minutes" in line] == [
            ["build_minutes", "10.5", "minute"]
        ]
        listed = ada("usage", *of_project, "--meter", "build_minutes", "--events").err
        assert all(f" {shown} " in listed for shown in ("2.5", "web", "metered"))

    def test_of_no_meter_and_no_time_is_refused(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        for more in ((), ("--events", "--meter", "build_minutes")):
            nowhere = ada("usage", "--project", "nope", *more, *inside)
            assert (nowhere.code, 'there is no project "nope"' in nowhere.err) == (6, True)
        turned = ada("usage", "--from", "2026-11-02", "--to", "2026-11-01", *inside)
        words = "--from 2026-11-02T00:00:00Z is not before --to 2026-11-01T00:00:00Z"
        assert (turned.code, words in turned.err) == (2, True)
        assert ada("usage", "--events", *inside).code == 2
        refused = ada("usage", "--from", "yesterday", *inside)
        assert (refused.code, "is no day and no time" in refused.err) == (2, True)
        unknown = ada("usage", "--meter", "coffee", *inside)
        assert (unknown.code, "there is no meter 'coffee'" in unknown.err) == (6, True)


class TestMargin:
    def test_is_told_by_project_to_operators(
        self, ada: Machine, server: tuple[ControlPlane, Path], tmp_path: Path
    ) -> None:
        inside, file = ("--org", "margins"), tmp_path / "builds.yaml"
        ada.does("org", "create", "margins")
        file.write_text(BUILDS)
        ada.does("plans", "create", "-f", str(file))
        ada.does("subscription", "set", "builds", *inside)
        event = {"id": "margin", "time": datetime.now(UTC).isoformat()}
        report(
            ada, server[0], {**event, "data": {"quantity": "6", "project": "shop"}}, organization="margins"
        )
        found = ada.does("margin", *inside)
        [project] = found["projects"]
        assert (project["project"], project["billed"], project["cost"]) == ("shop", "3", "0")
        assert (found["total"]["margin"], found["currency"]) == ("3", "USD")
        shown = ada("margin", *inside)
        assert (shown.code, shown.out) == (0, "")
        rows = [line.split() for line in shown.err.splitlines()]
        assert ["shop", "3.00", "0.00", "3.00", "100.00"] in rows, shown.err

    def test_is_nothing_without_a_plan(self, ada: Machine) -> None:
        ada.does("org", "create", "unbilled")
        assert ada("margin", "--org", "unbilled").code == 6


class TestStripe:
    def test_has_pages_on_which_an_owner_sets_up_how_to_pay(self, ada: Machine) -> None:
        ada.does("org", "create", "paying")
        inside = ("--org", "paying")
        before = ada.does("billing", "status", *inside)
        assert (before["stripe"], before["customer"], before["invoice_problems"]) == (True, None, [])
        assert "Set one up: cx billing checkout" in ada("billing", "status", *inside).err
        for page in ("checkout", "portal"):
            url = ada.does("billing", page, *inside)["url"]
            assert url.startswith("https://")
            shown = ada("billing", page, *inside)
            assert (shown.code, shown.out, "Open this page soon" in shown.err) == (0, "", True)
        assert ada.does("billing", "status", *inside)["customer"].startswith("cus_")


def test_an_invoice_that_stripe_does_not_have_as_it_is_is_told() -> None:
    events = dict.fromkeys(("waiting", "unknown", "sent", "refused", "too_late", "disputed"), 0)
    problem: dict[str, str | None] = {
        "number": "2026-000017",
        "error": "Stripe is asked too often",
        "next_attempt_at": "2026-11-22T12:00:00Z",
    }
    found = {"stripe": True, "payment_method": None, "meter_events": events, "invoice_problems": [problem]}
    assert _lines(found)[1] == "Invoice 2026-000017 at Stripe: Stripe is asked too often. It is tried again."
    problem["next_attempt_at"] = None
    assert _lines(found)[1].endswith("Somebody has to take care.")
