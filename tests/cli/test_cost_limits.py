"""Limits of cost from the outside: cygni.yaml, one command, and the cost of documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import NAT, Cx

STATE = Path(__file__).parents[1] / "data" / "engine_documents"
CHANGE = str(STATE / "node-change-with-sames.json")  # 54.52 to 72.08 USD a month
HIDING = str(STATE / "node-change.json")


class TestIncrease:
    def test_of_cygni_yaml_holds_without_an_option(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"max_increase": 1})
        ended = cx("deploy", "--yes", "-e", "staging")
        assert (ended.code, cx.changed_anything) == (14, False)
        assert "at most $1.00 is allowed" in ended.err

    def test_of_one_command_is_instead_of_it(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"max_increase": 1})
        assert cx("deploy", "--yes", "-e", "staging", "--max-cost-increase", "1000").code == 0

    def test_may_be_a_percentage(self, cx: Cx) -> None:
        cx.write(**NAT, cost={"max_increase_percent": 1})
        assert (
            cx("deploy", "--yes", "-e", "staging").code == 0
        )  # the first deploy has nothing to compare with
        cx.write(network={"nat": "per-zone"}, cost={"max_increase_percent": 1})
        ended = cx("diff", "-e", "staging")
        assert ended.code == 14
        assert "(1 % of what it costs now)" in ended.err


class TestBudget:
    def test_warns_before_it_stops(self, cx: Cx) -> None:
        cx.write(**NAT)
        cost = float(cx("diff", "-e", "staging", "--json").answer["cost"]["after"]["totals"]["monthly"])
        cx.write(**NAT, cost={"budget": round(cost + 1, 2)})
        ended = cx("deploy", "--yes", "-e", "staging")
        assert ended.code == 0
        assert "this environment uses 9" in ended.err
        cx.write(network={"nat": "per-zone"}, cost={"budget": round(cost + 1, 2)})
        ended = cx("deploy", "--yes", "--json", "-e", "staging")
        assert (ended.code, ended.answer["error"]["code"]) == (14, "cost_guard")
        assert ended.answer["error"]["details"]["plan"]["cost"]
        assert not cx.changed_anything

    def test_of_the_project_counts_its_other_environments(self, cx: Cx) -> None:
        cx.write(**NAT)
        assert cx("deploy", "--yes", "-e", "staging").code == 0
        staging = float(cx("status", "-e", "staging", "--json").answer["monthly"])
        alone = float(cx("diff", "-e", "production", "--json").answer["cost"]["after"]["totals"]["monthly"])
        cx.write(**NAT, cost={"project_budget": round(staging + alone + 1, 2)})
        assert cx("diff", "-e", "production").code == 0
        cx.write(**NAT, cost={"project_budget": round(staging + alone - 1, 2)})
        ended = cx("diff", "-e", "production")
        assert ended.code == 14
        assert "the project would cost" in ended.err


class TestLocalCloud:
    """It costs nothing."""

    @pytest.mark.parametrize(
        "limit", [{"max_increase": 1}, {"max_increase_percent": 1}, {"budget": 1}, {"project_budget": 1}]
    )
    def test_is_not_held_to_cygni_yaml(self, cx: Cx, limit: dict[str, int]) -> None:
        cx.write(cost=limit)
        assert cx("deploy", "--yes").code == 0
        cx.write(**NAT, cost=limit)
        ended = cx("deploy", "--yes")
        assert ended.code == 0
        assert "budget" not in ended.err

    def test_is_held_to_the_option(self, cx: Cx) -> None:
        cx.write(**NAT)
        assert cx("deploy", "--yes", "--max-cost-increase", "1").code == 14


class TestComments:
    def test_leave_out_the_table_below_the_threshold(self, cx: Cx) -> None:
        cx.write(**NAT)
        assert "| Resource |" in cx("diff", "--markdown").out
        cx.write(**NAT, cost={"comment_above": 10_000})
        quiet = cx("diff", "--markdown").out
        assert "| Resource |" not in quiet
        assert "### Cygni" in quiet


class TestDocuments:
    def test_are_held_to_a_limit(self, cx: Cx) -> None:
        assert cx("cost", CHANGE, "--max-cost-increase", "17.57").code == 0
        ended = cx("cost", CHANGE, "--max-cost-increase", "30%")
        assert ended.code == 14
        assert "ec2.NatGateway" in ended.err
        error = cx("cost", CHANGE, "--max-cost-increase", "17.56", "--json").answer["error"]
        assert (error["code"], error["details"]["cost"]["monthly_delta"]) == ("cost_guard", "17.56015")

    def test_are_compared_with_one_too(self, cx: Cx) -> None:
        before = str(STATE / "node-state.json")
        assert cx("cost", "compare", before, CHANGE, "--max-cost-increase", "1").code == 14
        assert cx("cost", "compare", CHANGE, before, "--max-cost-increase", "0").code == 0

    def test_give_no_comment_below_the_threshold(self, cx: Cx) -> None:
        ended = cx("cost", CHANGE, "--markdown", "--comment-above", "17.57")
        assert (ended.code, ended.out) == (0, "")
        assert "not worth a comment" in ended.err
        assert cx("cost", CHANGE, "--markdown", "--comment-above", "17").out.startswith("### Cost")
        assert "ec2.NatGateway" in cx("cost", CHANGE, "--comment-above", "1000").err  # that is for people

    @pytest.mark.parametrize("option", ["--max-cost-increase", "--comment-above"])
    def test_that_hide_something_have_no_percentage(self, cx: Cx, option: str) -> None:
        ended = cx("cost", HIDING, option, "10%")
        assert ended.code == 2
        assert "--show-sames" in ended.err

    def test_in_percent_say_that_they_guard_nothing_where_nothing_is_yet(self, cx: Cx) -> None:
        first = str(STATE / "node-create.json")
        ended = cx("cost", first, "--max-cost-increase", "10%")
        assert (ended.code, "the limit of 10% guards nothing here" in ended.err) == (0, True)
        told = cx("cost", first, "--max-cost-increase", "10%", "--json").answer["warnings"]
        assert any("guards nothing" in one for one in told)
        assert "guards nothing" not in cx("cost", first, "--max-cost-increase", "9999").err

    @pytest.mark.parametrize("option", ["--max-cost-increase", "--comment-above"])
    def test_that_are_no_change_have_no_limit(self, cx: Cx, option: str) -> None:
        ended = cx("cost", str(STATE / "node-state.json"), "--markdown", option, "25")
        assert (ended.code, ended.out) == (2, "")
        assert "a state is no change" in ended.err

    def test_are_held_to_nothing_where_what_is_not_listed_may_cost_otherwise(
        self, cx: Cx, tmp_path: Path
    ) -> None:
        preview = str(_resized_template(tmp_path))
        ended = cx("cost", preview, "--max-cost-increase", "9999")
        assert (ended.code, "--show-sames" in ended.err) == (2, True)
        assert cx("cost", preview, "--markdown", "--comment-above", "9999").out.startswith("### Cost")


def _resized_template(folder: Path) -> Path:
    """A preview of larger instances, without the group that has them."""
    urn = "urn:pulumi:dev::shop::aws:ec2/launchTemplate:LaunchTemplate::nodes"
    old, new = (
        {"urn": urn, "custom": True, "type": urn.split("::")[2], "inputs": {"instanceType": size}}
        for size in ("m5.large", "m5.24xlarge")
    )
    steps = [{"op": "update", "urn": urn, "oldState": old, "newState": new}]
    file = folder / "preview.json"
    file.write_text(json.dumps({"steps": steps, "changeSummary": {"update": 1, "same": 4}}))
    return file
