"""`cx deploy` from the outside: what it prints, asks, and ends with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cygni.errors import ResourceFailed
from tests.cli.conftest import NAT, Cx, valid
from tests.engine_state import read_state
from tests.fake_programs import BUCKET


class TestDeploy:
    def test_shows_the_plan_and_its_cost_and_applies_it(self, cx: Cx) -> None:
        ended = cx("deploy", "--yes")
        assert (ended.code, ended.out) == (0, "")
        for said in (
            "shop · local · us-east-1 · local cloud",
            "foundation  1 to create",
            "+ s3.Bucket shop-local-uploads",
            "Cost, USD per month",
            "8 changes: 8 to create",
            "Done: 8 changes applied.",
            "web: http://lb/",
        ):
            assert said in ended.err
        assert re.search(r"Total +\$0\.00 +\$18\.02 +\+\$18\.02", ended.err)

    def test_says_that_the_local_cloud_charges_nothing(self, cx: Cx) -> None:
        said = "what AWS would charge; the local cloud costs nothing"
        assert said in cx("deploy", "-y").err
        assert said not in cx("deploy", "-y", "-e", "staging").err

    def test_that_changes_nothing_says_so_in_one_line(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        ended = cx("deploy")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err == (
            "No changes: shop (local) is as the project says. Cost $18.02 a month, delta $0.00.\n"
        )
        assert cx.runner.calls == []

    def test_counts_one_change_as_one(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        cx.write(**NAT)
        assert "Done: 1 change applied." in cx("deploy", "--yes").err

    def test_finds_the_project_by_option(self, cx: Cx, tmp_path: Path) -> None:
        cx.monkeypatch.chdir("/")
        assert cx("deploy", "-a", str(cx.folder), "-y").code == 0
        assert cx("deploy", "-a", str(cx.folder / "cygni.yaml")).code == 0

    def test_deploys_to_the_environment_that_is_named(self, cx: Cx) -> None:
        assert cx("deploy", "-y", "-e", "staging").code == 0
        assert {operation.stack.split(".")[1] for operation in cx.runner.asked} == {"staging"}

    def test_applies_the_plan_that_is_expected_and_no_other(self, cx: Cx) -> None:
        digest = cx("diff", "--json").answer["digest"]
        cx.write(**NAT)
        assert cx("deploy", "--yes", "--expect-plan", digest).code == 7
        assert not cx.changed_anything
        digest = cx("diff", "--json").answer["digest"]
        assert cx("deploy", "--yes", "--expect-plan", digest).code == 0

    def test_gives_each_operation_the_time_that_was_asked_for(self, cx: Cx) -> None:
        cx("deploy", "-y", "--timeout", "90s")
        assert {operation.settings.deadline for operation in cx.runner.asked} == {90.0}


class TestDriftWithoutChanges:
    """Somebody changed outside what the specification has changed to by now: there is no step, yet the state is to
    learn of it."""

    @pytest.fixture
    def drifted(self, cx: Cx) -> Cx:
        cx("deploy", "--yes")
        [up] = [one for one in cx.runner.asked if (one.kind, one.stack) == ("up", "shop.local.data")]
        [bucket] = [one for one in read_state(up)["resources"] if one["type"] == BUCKET]
        cx.runner.world["shop-local-uploads"] = {**bucket["inputs"], "versioning": False}
        cx.write(buckets={"uploads": {"versioning": False}})
        return cx

    def test_is_shown_and_asked_about(self, drifted: Cx) -> None:
        drifted.answers("n\n")
        ended = drifted("deploy", "--refresh")
        assert (ended.code, drifted.changed_anything) == (8, False)
        assert "changed outside of Cygni: s3.Bucket shop-local-uploads" in ended.err
        assert "      s3.Bucket shop-local-uploads: inputs: " in ended.err
        assert "No changes, but 1 resource changed outside of Cygni." in ended.err
        assert "Take into the state of shop (local) what was changed outside?" in ended.err

    def test_is_taken_into_the_state_with_consent(self, drifted: Cx) -> None:
        ended = drifted("deploy", "--refresh", "--yes")
        assert ended.code == 0
        assert drifted.changed_anything
        assert "Done: 1 resource changed outside of Cygni, which the state has now." in ended.err
        assert drifted("diff", "--refresh", "--detailed-exit-code").code == 0

    def test_counts_as_changes_for_programs(self, drifted: Cx) -> None:
        assert drifted("diff", "--refresh", "--detailed-exit-code").code == 10
        ended = drifted("deploy", "--refresh", "--json")
        assert (ended.code, drifted.changed_anything) == (2, False)
        assert [stack["drifted"] for stack in ended.answer["error"]["details"]["plan"]["stacks"]] == [
            [],
            ["shop-local-uploads"],
            [],
        ]


class TestConfirmation:
    @pytest.mark.parametrize("answer", ["n\n", "\n", "", "no\n", "yess\n", "j\n"])
    def test_that_is_not_given_changes_nothing(self, cx: Cx, answer: str) -> None:
        cx.answers(answer)
        ended = cx("deploy")
        assert ended.code == 8
        assert not cx.changed_anything
        assert "Apply these changes to shop (local)? [y/N] " in ended.err
        typed_no_line = "\n" if not answer else ""
        assert ended.err.endswith(f"[y/N] {typed_no_line}stopped: nothing was changed\n")
        assert ended.out == ""

    @pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n", " YES \n"])
    def test_that_is_given_applies(self, cx: Cx, answer: str) -> None:
        cx.answers(answer)
        assert cx("deploy").code == 0
        assert cx.changed_anything

    def test_comes_after_the_plan(self, cx: Cx) -> None:
        cx.answers("n\n")
        said = cx("deploy").err
        assert said.index("Cost, USD per month") < said.index("8 changes: 8 to create") < said.index("[y/N]")

    def test_comes_after_the_plan_for_programs_with_a_person_too(self, cx: Cx) -> None:
        cx.answers("n\n")
        ended = cx("deploy", "--json")
        assert ended.answer["error"]["code"] == "cancelled"
        assert ended.err.index("8 changes: 8 to create") < ended.err.index("[y/N]")

    def test_is_not_asked_for_where_nothing_changes(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.answers("n\n")
        assert cx("deploy").code == 0

    def test_is_needed_where_there_is_no_terminal(self, cx: Cx) -> None:
        ended = cx("deploy")
        assert (ended.code, ended.out) == (2, "")
        assert not cx.changed_anything
        assert "8 changes: 8 to create" in ended.err
        assert "error: nothing was changed: there is no terminal to ask at\nhint:  Add --yes" in ended.err

    def test_interrupted_is_not_taken_for_yes(self, cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        class Interrupted:
            def readline(self) -> str:
                raise KeyboardInterrupt

        cx.answers("")
        monkeypatch.setattr("sys.stdin", Interrupted())
        ended = cx("deploy")
        assert (ended.code, cx.changed_anything) == (130, False)
        assert "stopped: nothing was changed" in ended.err


class TestJson:
    def test_of_a_deploy_holds_plan_and_outputs(self, cx: Cx) -> None:
        ended = cx("deploy", "--yes", "--json")
        assert ended.code == 0
        assert set(ended.answer) == {"plan", "applied", "outputs", "release"}
        assert valid(ended.answer["plan"])["changes"]["create"] == ended.answer["applied"] == 8
        assert ended.answer["outputs"]["services"] == {"urls": {"web": "http://lb/"}}
        assert "Cost" not in ended.err

    def test_of_a_deploy_without_changes_is_the_same(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx("deploy", "--json")
        assert (ended.code, ended.answer["applied"]) == (0, 0)
        assert valid(ended.answer["plan"])["cost"]["delta"]["monthly"] in ("0", "0.00")

    def test_of_a_deploy_without_a_terminal_holds_what_would_be_done(self, cx: Cx) -> None:
        ended = cx("deploy", "--json")
        assert ended.code == 2
        assert ended.answer["error"]["code"] == "confirmation_required"
        assert valid(ended.answer["error"]["details"]["plan"])["changes"]["create"] == 8

    @pytest.mark.parametrize("command", ["deploy", "diff"])
    def test_of_what_costs_too_much_is_one_error_with_the_plan(self, cx: Cx, command: str) -> None:
        ended = cx(command, "--json", "--max-cost-increase", "5")
        assert ended.code == 14
        assert ended.answer["error"]["code"] == "cost_guard"
        assert valid(ended.answer["error"]["details"]["plan"])["changes"]["create"] == 8

    def test_of_a_failure_is_one_error(self, cx: Cx) -> None:
        cx.runner.failing["data up"] = ResourceFailed(
            "no room", hint="make some", details={"resources": ["u"]}
        )
        ended = cx("deploy", "-y", "--json")
        assert ended.code == 4
        assert ended.answer == {
            "error": {
                "code": "resource_failed",
                "message": "no room",
                "hint": "make some",
                "docs": "docs/errors.md#resource_failed",
                "details": {"resources": ["u"]},
            }
        }

    def test_of_a_diff_is_the_plan(self, cx: Cx) -> None:
        ended = cx("diff", "--json")
        assert ended.code == 0
        assert valid(ended.answer)["changes"]["create"] == 8

    def test_of_a_destroy_holds_the_plan(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx("destroy", "--json", "-y", "--allow-destroy", "uploads")
        assert ended.code == 0
        assert valid(ended.answer["plan"])["destroy"] is True
        assert ended.answer["deleted"] == 8

    @pytest.mark.parametrize(
        ("arguments", "code", "error"),
        [
            (["deploy", "--jsn", "--json"], 2, "usage"),
            (["--json"], 2, "usage"),
            (["frobnicate", "--json"], 2, "usage"),
            (["deploy", "--json", "--lock-wait", "soon"], 2, "usage"),
            (["deploy", "--json", "--max-cost-increase", "lots"], 2, "usage"),
            (["deploy", "--json", "-e", "nowhere"], 6, "not_found"),
            (["deploy", "--json", "-a", "/nowhere"], 6, "not_found"),
            (["status", "--json"], 6, "not_found"),
            (["outputs", "--json"], 6, "not_found"),
            (["deploy", "--json", "extra"], 2, "usage"),
        ],
    )
    def test_of_a_mistake_is_one_error(self, cx: Cx, arguments: list[str], code: int, error: str) -> None:
        ended = cx(*arguments)
        assert (ended.code, ended.answer["error"]["code"]) == (code, error)
        assert ended.err == ""


class TestMaxCostIncrease:
    def test_stops_before_anything_is_changed(self, cx: Cx) -> None:
        ended = cx("deploy", "--yes", "--max-cost-increase", "18.01")
        assert (ended.code, cx.changed_anything) == (14, False)
        assert "error: this would cost $18.02 a month more, and at most $18.01 is allowed" in ended.err

    def test_lets_pass_what_is_allowed(self, cx: Cx) -> None:
        assert cx("deploy", "--yes", "--max-cost-increase", "$18.03").code == 0

    def test_also_guards_a_diff_after_it_is_shown(self, cx: Cx) -> None:
        ended = cx("diff", "--max-cost-increase", "1")
        assert ended.code == 14
        assert ended.err.index("8 changes") < ended.err.index("error: this would cost")

    def test_lets_a_deploy_without_changes_pass(self, cx: Cx) -> None:
        cx("deploy", "-y")
        assert cx("deploy", "-y", "--max-cost-increase", "0").code == 0

    @pytest.mark.parametrize(
        "text", ["", "lots", "1e9", "NaN", "inf", "1_000", "5 euros", "--", "$1%", "9" * 400]
    )
    def test_takes_amounts_and_percentages_alone(self, cx: Cx, text: str) -> None:
        ended = cx("deploy", "-y", "--max-cost-increase", text)
        assert (ended.code, cx.runner.calls) == (2, [])
        assert (
            "is not an amount of money, nor a percentage\nhint:  Give it as 25, 25.50, 25EUR or 10%."
            in ended.err
        )


class TestAllowDestroy:
    def test_is_needed_to_lose_data_even_with_yes(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.write(buckets=None)
        ended = cx("deploy", "-y")
        assert (ended.code, cx.changed_anything) == (2, False)
        assert "loses its data" in ended.err
        assert "error: this would delete data: uploads" in ended.err
        assert "--allow-destroy uploads" in ended.err

    def test_lets_go_of_what_it_names(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.write(buckets=None)
        assert cx("deploy", "-y", "--allow-destroy", "uploads").code == 0

    def test_does_not_answer_for_yes(self, cx: Cx) -> None:
        cx("deploy", "-y")
        cx.write(buckets=None)
        assert (cx("deploy", "--allow-destroy", "uploads").code, cx.changed_anything) == (2, False)

    def test_is_needed_by_destroy_too(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx("destroy", "-y")
        assert (ended.code, cx.changed_anything) == (2, False)
        assert "hint:  If that is meant, add --allow-destroy uploads" in ended.err
