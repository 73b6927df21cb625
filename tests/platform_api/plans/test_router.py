from __future__ import annotations

from typing import Any

import pytest

from tests.platform_api.people import Team
from tests.platform_api.plans.plan_files import make_plan, team_plan


def update(team: Team, headers: dict[str, str] | None = None, **over: Any) -> Any:
    body = team_plan(**over)
    del body["key"]
    return team.owner.ask("PUT", "/v1/plans/team", json=body, headers=headers or {})


class TestCreate:
    def test_makes_the_first_version(self, team: Team) -> None:
        made = make_plan(team.owner)
        assert (made["key"], made["newest"]["version"], made["archived_at"]) == ("team", 1, None)
        [base, processors] = made["newest"]["terms"]["charges"]
        assert base["amount"] == "20"
        assert (processors["included"], processors["price"]) == (
            "100",
            {"model": "per_unit", "unit_price": "0.05"},
        )

    def test_refuses_a_key_that_is_taken(self, team: Team) -> None:
        make_plan(team.owner)
        answer = team.owner.post("/v1/plans", **team_plan(name="Other"))
        assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
        assert "cx plans update" in answer.json()["hint"]

    def test_names_the_field_that_is_wrong(self, team: Team) -> None:
        tiers = [{"up_to": "10", "unit_price": "1"}, {"up_to": "5", "unit_price": "1"}, {"unit_price": "1"}]
        charge = {
            "kind": "usage", "key": "cpu", "name": "CPU", "meter": "vcpu_hours",
            "price": {"model": "volume", "tiers": tiers},
        }  # fmt: skip
        answer = team.owner.post("/v1/plans", **team_plan(terms={"charges": [charge]}))
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["at"] == ["body", "terms", "charges", "0", "usage", "price", "volume", "tiers"]
        assert "each tier ends above the one before" in error["message"]

    @pytest.mark.parametrize("currency", ["XXX", "XTS", "XAU", "ABC", "EURO", "eur"])
    def test_refuses_what_nobody_pays_with(self, team: Team, currency: str) -> None:
        answer = team.owner.post("/v1/plans", **team_plan(currency=currency))
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, ["body", "currency"])

    def test_is_in_the_operators_log(self, team: Team) -> None:
        make_plan(team.owner)
        [entry] = team.owner.get("/v1/operators/audit").json()["items"]
        assert (entry["action"], entry["subject"], entry["after"]["version"]) == ("plan.create", "team", 1)


class TestUpdate:
    def test_makes_the_next_version_and_keeps_the_one_before(self, team: Team) -> None:
        make_plan(team.owner)
        assert update(team, terms={"minimum": "25"}).json()["newest"]["version"] == 2
        told = team.owner.get("/v1/plans/team").json()
        assert [(one["version"], one["terms"]["minimum"]) for one in told["versions"]] == [
            (2, "25"),
            (1, "0"),
        ]

    def test_makes_no_version_where_the_terms_are_the_same(self, team: Team) -> None:
        make_plan(team.owner, terms={"minimum": "25"})
        answer = update(team, name="Teams", terms={"minimum": "25.00"})
        assert (answer.json()["newest"]["version"], answer.json()["name"]) == (1, "Teams")

    def test_refuses_another_currency(self, team: Team) -> None:
        make_plan(team.owner)
        answer = update(team, currency="USD")
        assert (answer.status_code, answer.json()["detail"]) == (422, "the plan 'team' is in EUR, not in USD")

    def test_refuses_what_was_read_before_somebody_else_changed_it(self, team: Team) -> None:
        make_plan(team.owner)
        assert update(team, {"If-Match": '"1"'}, terms={"minimum": "1"}).status_code == 200
        assert update(team, {"If-Match": '"1"'}, terms={"minimum": "2"}).status_code == 412


class TestArchive:
    def test_hides_a_plan_until_it_is_taken_back(self, team: Team) -> None:
        def listed(query: str = "") -> list[str]:
            return [one["key"] for one in team.owner.get(f"/v1/plans{query}").json()["items"]]

        make_plan(team.owner)
        make_plan(team.owner, key="old")
        assert team.owner.ask("PUT", "/v1/plans/old/archive").status_code == 204
        assert (listed(), listed("?archived=true")) == (["team"], ["old", "team"])
        assert team.owner.ask("DELETE", "/v1/plans/old/archive").status_code == 204
        assert listed() == ["old", "team"]


@pytest.mark.parametrize("path", ["/v1/plans", "/v1/plans/team"])
def test_everybody_who_is_signed_in_reads_plans(team: Team, path: str) -> None:
    make_plan(team.owner)
    assert team.invite("vera", "viewer").get(path).status_code == 200
    assert team.key(scopes=["project:read"])[0].get(path).status_code == 200
