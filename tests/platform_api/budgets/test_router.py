from __future__ import annotations

from typing import Any

import pytest

from tests.platform_api.budgets.conftest import BUDGETS, Treasury

OF_SHOP = "/v1/organizations/acme/projects/shop/budgets"


class TestCreate:
    def test_answers_where_it_stands(self, treasury: Treasury) -> None:
        treasury.use(30)
        made = treasury.set("builds", meter="build_minutes", amount="120", hard_limit=False)
        assert made == treasury.read("builds")
        assert (made["used"], made["left"], made["unit"]) == ("30", "90", "minute")
        assert (made["start"], made["end"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
        assert (made["thresholds"], made["forecast_amount"]) == ([50, 75, 80, 90, 100], None)

    def test_takes_a_name_once(self, treasury: Treasury) -> None:
        treasury.set()
        again = treasury.owner.post(BUDGETS, name="monthly", kind="cloud_cost", amount="5")
        assert (again.status_code, again.json()["code"]) == (409, "already_exists")

    @pytest.mark.parametrize(
        ("wanted", "status", "code"),
        [
            ({"kind": "units"}, 422, "invalid_request"),
            ({"kind": "cloud_cost", "meter": "deployments"}, 422, "invalid_request"),
            ({"kind": "cloud_cost", "environment": "staging"}, 422, "invalid_request"),
            ({"kind": "cloud_cost", "amount": "0"}, 422, "invalid_request"),
            ({"kind": "cloud_cost", "thresholds": [60]}, 422, "invalid_request"),
            ({"kind": "cloud_cost", "pause_previews": True}, 422, "usage"),
            ({"kind": "units", "meter": "moons"}, 404, "not_found"),
            ({"kind": "cloud_cost", "project": "moon"}, 404, "not_found"),
            ({"kind": "cloud_cost", "project": "shop", "environment": "moon"}, 404, "not_found"),
        ],
    )
    def test_refuses_what_is_no_budget(
        self, treasury: Treasury, wanted: dict[str, object], status: int, code: str
    ) -> None:
        answer = treasury.owner.post(BUDGETS, **{"name": "wrong", "amount": "5", **wanted})
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_is_audited(self, treasury: Treasury) -> None:
        treasury.set(amount="10")
        treasury.change(amount="20")
        treasury.owner.ask("DELETE", f"{BUDGETS}/monthly")
        entries = treasury.owner.get("/v1/organizations/acme/audit?limit=3").json()["items"]
        told = [(one["action"], (one["before"] or {}).get("amount")) for one in entries]
        assert told == [("budget.delete", "20"), ("budget.update", "10"), ("budget.create", None)]


class TestUpdate:
    def test_is_of_the_version_that_was_read(self, treasury: Treasury) -> None:
        treasury.set()
        read = treasury.owner.get(f"{BUDGETS}/monthly").headers["ETag"]
        for status in (200, 412):
            answer = treasury.owner.ask(
                "PATCH", f"{BUDGETS}/monthly", json={"amount": "20"}, headers={"If-Match": read}
            )
            assert answer.status_code == status
        assert treasury.read()["amount"] == "20"

    def test_leaves_what_is_not_said(self, treasury: Treasury) -> None:
        before = treasury.set(amount="10", pause_previews=True)
        after = treasury.change(forecast=False).json()
        assert after == {**before, "forecast": False, "version": 2}

    def test_answers_its_state_by_the_new_amount(self, treasury: Treasury) -> None:
        treasury.use(30)
        wanted: dict[str, Any] = {"meter": "build_minutes", "hard_limit": True, "grace_hours": 2}
        assert treasury.set(amount="30", **wanted)["state"] == "soft"
        treasury.look()
        assert treasury.read()["used_up_since"] is not None
        raised = treasury.change(amount="300").json()
        assert (raised["state"], raised["used_up_since"], raised["left"]) == ("ok", None, "270")
        assert raised == treasury.read()
        assert treasury.change(amount="50").json()["state"] == "alert"

    def test_keeps_what_is_done_to_hard_limits(self, treasury: Treasury) -> None:
        treasury.set(pause_previews=True)
        assert treasury.change(hard_limit=False).json()["code"] == "usage"


class TestReading:
    def test_of_a_project_is_for_its_members(self, treasury: Treasury) -> None:
        treasury.set("all")
        treasury.set("shop", project="shop")
        treasury.set("staging", project="shop", environment="staging")
        guest = treasury.desk.team.invite("gina", None)
        path = f"/v1/organizations/acme/projects/shop/members/{guest.id}"
        treasury.owner.ask("PUT", path, json={"role": "viewer"})
        assert guest.get(BUDGETS).status_code == 403
        shown = [(one["name"], one["environment"]) for one in guest.get(OF_SHOP).json()["items"]]
        assert shown == [("shop", None), ("staging", "staging")]
        everything = treasury.desk.developer.get(BUDGETS).json()["items"]
        assert [one["name"] for one in everything] == ["all", "shop", "staging"]

    def test_is_no_way_to_change(self, treasury: Treasury) -> None:
        treasury.set()
        admin = treasury.desk.team.invite("anna", "admin")
        assert admin.get(f"{BUDGETS}/monthly").status_code == 200
        assert admin.ask("PATCH", f"{BUDGETS}/monthly", json={"amount": "99"}).status_code == 403

    def test_counts_what_is_used_in_its_place_alone(self, treasury: Treasury) -> None:
        treasury.use(3, project="shop", environment="staging")
        treasury.use(4, project="shop", environment="production")
        treasury.use(5, project="blog")
        budget = {"meter": "build_minutes", "amount": "100"}
        found = [
            treasury.set("all", **budget),
            treasury.set("shop", project="shop", **budget),
            treasury.set("staging", project="shop", environment="staging", **budget),
        ]
        assert [one["used"] for one in found] == ["12", "7", "3"]
