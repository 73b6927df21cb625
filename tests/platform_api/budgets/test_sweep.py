"""What workers tell of budgets, played by looks at a clock that is moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.platform_api.budgets.conftest import BUDGETS, Treasury

BUILDS: dict[str, Any] = {"meter": "build_minutes", "amount": "100", "forecast": False}
MONTH = timedelta(days=31)


def test_each_threshold_is_told_once_whoever_looks(treasury: Treasury) -> None:
    treasury.listen()
    treasury.set(**BUILDS)
    treasury.use(60)
    treasury.look(workers=4)
    treasury.use(25)
    treasury.plane.clock.move(timedelta(minutes=1))
    treasury.look(workers=4)
    treasury.look_later()
    alerts = [one for one in treasury.events() if one[0] == "budget.alert"]
    assert alerts == [("budget.alert", "50"), ("budget.alert", "75"), ("budget.alert", "80")]
    rows = treasury.owner.get(f"{BUDGETS}/monthly/alerts").json()["items"]
    assert [(one["threshold"], one["used"]) for one in rows] == [("80", "85"), ("75", "85"), ("50", "60")]


def test_a_budget_is_looked_at_once_a_minute(treasury: Treasury) -> None:
    treasury.set()
    assert [treasury.look(workers=3), treasury.look(workers=3)] == [1, 0]
    treasury.plane.clock.move(timedelta(minutes=1))
    assert treasury.look() == 1


def test_people_are_told_of_the_furthest_alone(treasury: Treasury) -> None:
    path = "/v1/organizations/acme/notifications"
    treasury.owner.post(path, kind="email", addresses=["ada@example.com"])
    treasury.owner.post(path, kind="email", addresses=["bob@example.com"], project="shop")
    treasury.set(**BUILDS)
    treasury.use(95)
    treasury.look()
    [told] = treasury.workshop.run("SELECT occasion, data FROM notification_deliveries")
    assert (told["occasion"], told["data"]["threshold"], told["data"]["used"]) == ("budget_alert", "90", "95")


def test_what_is_used_up_is_told_and_left_alone_until_its_grace_is_over(treasury: Treasury) -> None:
    treasury.listen()
    treasury.set(**BUILDS, grace_hours=2)
    treasury.use(100)
    treasury.look()
    assert treasury.events()[-2:] == [("budget.exceeded", "100"), ("budget.state", None)]
    assert treasury.read()["state"] == "soft"
    treasury.look_later(timedelta(minutes=119))
    assert treasury.read()["state"] == "soft"
    treasury.look_later()
    assert treasury.read()["state"] == "hard"


def test_each_change_of_state_is_in_the_audit_log_once(treasury: Treasury) -> None:
    treasury.set(**BUILDS, grace_hours=1)
    treasury.use(100)
    treasury.look(workers=3)
    treasury.look_later()
    treasury.look_later(timedelta(hours=1))
    entries = treasury.owner.get("/v1/organizations/acme/audit").json()["items"]
    found = [one for one in reversed(entries) if one["action"] == "budget.state"]
    assert [(one["before"]["state"], one["after"]["state"]) for one in found] == [
        ("ok", "soft"),
        ("soft", "hard"),
    ]
    assert {(one["subject"], one["actor"]["kind"], one["after"]["used"]) for one in found} == {
        ("monthly", "worker", "100")
    }
    assert treasury.owner.get("/v1/organizations/acme/audit/verification").json()["broken_at"] is None


def test_a_raised_budget_is_told_again_where_it_is_reached_again(treasury: Treasury) -> None:
    treasury.set(**BUILDS)
    treasury.use(100)
    treasury.look()
    treasury.change(amount="160")
    treasury.look()
    assert treasury.read()["state"] == "alert"
    treasury.use(30)
    treasury.listen()
    treasury.look_later()
    assert treasury.events() == [("budget.alert", "75"), ("budget.alert", "80")]


def test_a_new_period_begins_anew(treasury: Treasury) -> None:
    treasury.set(**BUILDS, grace_hours=0)
    treasury.use(100)
    treasury.look()
    assert treasury.read()["state"] == "hard"
    treasury.listen()
    treasury.look_later(MONTH)
    assert treasury.read()["state"] == "ok"
    treasury.use(50)
    treasury.look_later()
    assert treasury.events()[1:] == [("budget.alert", "50"), ("budget.state", None)]


def test_a_forecast_beyond_the_budget_is_told_when_a_tenth_of_the_period_is_over(treasury: Treasury) -> None:
    treasury.listen()
    treasury.set(meter="build_minutes", amount="100")
    treasury.use(20)
    treasury.look()
    assert treasury.events() == []
    treasury.look_later(timedelta(days=3))  # three and a half of 31 days, at 20 of 100
    assert treasury.events() == [("budget.forecast", "forecast")]
    assert treasury.read()["forecast_amount"].startswith("177.14")


def test_a_budget_that_cannot_be_looked_at_keeps_nobody_from_the_others(treasury: Treasury) -> None:
    treasury.owner.post(
        "/v1/organizations/acme/meters", key="moons", name="M", unit="moon", aggregation="sum"
    )
    treasury.set("moons", meter="moons", amount="1")
    treasury.workshop.run("DELETE FROM meters")
    treasury.set(**BUILDS)
    treasury.use(80)
    for _ in range(2):
        try:
            treasury.look()
        except Exception:  # noqa: BLE001  # the worker goes on
            continue
    [state] = treasury.workshop.run("SELECT state FROM budgets WHERE name = 'monthly'")
    assert state["state"] == "alert"
