"""Deploying and releasing through a control plane, as somebody at a terminal sees it."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cygni.plan.markdown import plan_markdown
from cygni.plan.reading import plan_of
from tests.forge_server import Forge, forge_server
from tests.platform_api.deployments.there import SHOP, SPEC, There
from tests.platform_api.worker.scripted_runner import PLAN

STAGING = f"{SHOP}/environments/staging"


def meanwhile(do: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=do)
    thread.start()
    return thread


class TestDeploy:
    def test_says_where_it_works_shows_the_plan_and_ends_when_it_is_live(self, there: There) -> None:
        ended = there("deploy", "--yes")
        assert ended.code == 0, ended.err
        said = ended.err
        assert said.index("By the control plane at http://127.0.0.1:") < said.index("shop · staging")
        assert said.index("shop · staging") < said.index("Done: release 1 is live.")
        assert ended.out == ""

    def test_answers_a_program_as_a_deploy_here_does(self, there: There) -> None:
        ended = there("deploy", "--yes", "--json", "--max-cost-increase", "25EUR", "--refresh")
        assert {"plan", "applied", "outputs", "release"} <= ended.answer.keys()
        assert ended.answer["plan"]["digest"] == PLAN["digest"]
        first = there.script.orders[0]
        assert (first.refresh, first.max_cost_increase) == (True, "25EUR")

    def test_asks_a_person_and_applies_what_was_shown(self, there: There) -> None:
        there.answers("y\n")
        ended = there("deploy")
        assert ended.code == 0
        assert "Apply this to shop (staging)? [y/N]" in ended.err
        assert "approval" not in ended.err, "it needs none"
        assert [one.task for one in there.script.orders] == ["plan", "apply"]

    @pytest.mark.parametrize(("typed", "code"), [("n\n", 8), (None, 2)])
    def test_that_is_not_wanted_leaves_nothing_waiting(
        self, there: There, typed: str | None, code: int
    ) -> None:
        if typed is not None:
            there.answers(typed)
        assert there("deploy").code == code
        assert [one["status"] for one in there.deployments()] == ["cancelled"]
        assert [one.task for one in there.script.orders] == ["plan"]

    def test_applies_no_other_plan_than_the_expected_one(self, there: There) -> None:
        assert there("deploy", "--yes", "--expect-plan", "0" * 64).code == 7
        assert [one["status"] for one in there.deployments()] == ["cancelled"]
        assert there("deploy", "--yes", "--expect-plan", PLAN["digest"]).code == 0

    def test_ends_as_the_deploy_there_does(self, there: There) -> None:
        there.script.error = {
            "code": "gate_failed",
            "message": "too many errors",
            "hint": None,
            "details": {"service": "web"},
        }
        ended = there("deploy", "--yes", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (11, "gate_failed")
        assert ended.answer["error"]["details"]["plan"]["digest"] == PLAN["digest"]

    def test_takes_no_longer_for_a_stack_than_it_is_told(self, there: There) -> None:
        assert there("deploy", "--yes", "--timeout", "5m").code == 0
        assert [one.arguments for one in there.script.orders] == [{"timeout": 300}, {"timeout": 300}]
        there.signs_in("ada@example.com")
        assert there("destroy", "--yes", "--timeout", "90s").code == 0
        assert there.script.orders[-1].arguments == {"timeout": 90}
        too_long = there("deploy", "--yes", "--timeout", "25h")
        assert (too_long.code, "timeout" in too_long.err) == (2, True)

    def test_goes_on_through_a_restart_of_the_server_and_misses_nothing(self, there: There) -> None:
        there.script.held.set()

        def restart() -> None:
            there.script.releasing.wait(30)
            there.server.stop()
            there.script.held.clear()
            there.server.start()

        thread = meanwhile(restart)
        ended = there("deploy", "--yes")
        thread.join()
        assert ended.code == 0, ended.err
        for line in ("shop · staging", "releasing release 1", "Done: release 1 is live."):
            assert ended.err.count(line) == 1, ended.err


def scopes_of_a_pipeline() -> list[str]:
    """As the documentation makes its key."""
    text = (Path(__file__).parents[3] / "docs" / "control-plane.md").read_text()
    [line] = [one for one in text.splitlines() if one.startswith("    cx token create ci ")]
    return re.findall(r"--scope (\S+)", line)


class TestKeyOfAPipeline:
    def test_that_the_documentation_makes_plans_deploys_and_asks(self, there: There) -> None:
        scopes = scopes_of_a_pipeline()
        assert len(scopes) > 1
        there.signs_in_with_a_key(*scopes)
        planned = there("diff")
        assert (planned.code, "By the control plane" in planned.err) == (0, True), planned.err
        deployed = there("deploy", "--yes")
        assert (deployed.code, "Done: release 1 is live." in deployed.err) == (0, True), deployed.err
        program, _ = there.team.key(scopes=scopes)
        assert program.post(f"{SHOP}/environments/staging/inquiries/status").status_code == 202

    def test_is_told_of_each_scope_that_it_lacks_and_how_to_get_it(self, there: There) -> None:
        scopes = scopes_of_a_pipeline()
        for lacking in scopes:
            if lacking == "project:read":
                continue  # without it the project is not there, and the command works here
            there.signs_in_with_a_key(*(one for one in scopes if one != lacking))
            refused = there("deploy", "--yes")
            assert refused.code == 3, refused.err
            assert f"this needs the permission {lacking}" in refused.err
            assert f"cx token create NAME --scope {lacking}" in refused.err


@pytest.fixture
def euros(there: There, tmp_path: Path) -> None:
    """This machine has a rate for them."""
    rates = tmp_path / "rates.yaml"
    rates.write_text('version: 1\nrates:\n  EUR: {per_usd: "0.5", date: 2026-11-20}\n')
    there.monkeypatch.setenv("CYGNI_EXCHANGE_RATES", str(rates))


@pytest.mark.usefixtures("euros")
class TestCurrency:
    def test_is_that_of_the_plan_that_is_shown_and_asked_about(self, there: There) -> None:
        there.answers("y\n")
        ended = there("deploy", "--currency", "EUR")
        assert ended.code == 0, ended.err
        assert ended.err.count("shop · staging") == 1, "not as the server shows it, too"
        assert "Cost, EUR per month" in ended.err
        assert "EUR 16.43" in ended.err
        assert "$" not in ended.err
        assert ended.err.index("EUR 16.43") < ended.err.index("Done: release 1 is live.")

    def test_is_that_of_what_a_program_gets(self, there: There) -> None:
        there.signs_in("ada@example.com")
        for command in (["deploy", "--yes"], ["destroy", "--yes"]):
            plan = there(*command, "--json", "--currency", "EUR").answer["plan"]
            assert (plan["cost"]["currency"], plan["digest"]) == ("EUR", PLAN["digest"])
            assert plan["cost"]["delta"]["monthly"] == "16.425"
        asked = there("deploy", "--json", "--currency", "EUR").answer["error"]
        assert asked["details"]["plan"]["cost"]["currency"] == "EUR"

    def test_is_what_limits_are_in_at_the_rate_of_this_machine(self, there: There) -> None:
        for written, sent in {"25EUR": "50.000000USD", "25USD": "25.000000USD", "10%": "10%"}.items():
            assert there("diff", "--currency", "EUR", "--max-cost-increase", written).code == 0
            assert there.script.orders[-1].max_cost_increase == sent
        ended = there("diff", "--currency", "EUR", "--max-cost-increase", "25")
        assert (ended.code, "may be 25 EUR or 25 USD" in ended.err) == (2, True)

    def test_without_a_rate_is_dollars_where_the_project_alone_asks_for_it(self, there: There) -> None:
        assert there("diff", "--currency", "CHF").code == 2
        (there.folder / "cygni.yaml").write_text(f"{SPEC}cost: {{currency: CHF}}\n")
        ended = there("diff", "--json")
        assert (ended.code, ended.answer["cost"]["currency"]) == (0, "USD")
        there.monkeypatch.setenv("CYGNI_CURRENCY", "CHF")
        assert there("diff", "--json").code == 2


class TestApproval:
    def test_is_given_by_the_person_with_the_right_while_the_other_waits(self, there: There) -> None:
        there.needs_approval()

        def approve() -> None:
            until = time.monotonic() + 30
            while there.refusals()[-1:] != ["deployment:approve"]:
                assert time.monotonic() < until
                time.sleep(0.05)
            [waiting] = there.deployments()
            path = f"{SHOP}/environments/staging/deployments/{waiting['id']}/approve"
            there.team.owner.post(path, plan=PLAN["digest"])

        thread = meanwhile(approve)
        ended = there("deploy", "--yes")
        thread.join()
        assert ended.code == 0, ended.err
        assert "It waits for somebody else" in ended.err

    @pytest.mark.parametrize("more", [(), ("--yes",)])
    def test_is_not_asked_of_who_may_not_give_it(self, there: There, more: tuple[str, ...]) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        [waiting] = there.deployments()
        path = f"{SHOP}/environments/staging/deployments/{waiting['id']}"

        def cancel() -> None:
            time.sleep(1)
            there.team.owner.post(f"{path}/cancel")

        before = there.refusals()
        thread = meanwhile(cancel)
        there.answers("")  # nobody could answer a question
        ended = there("attach", *more)
        thread.join()
        assert (ended.code, "Apply this" in ended.err + ended.out) == (8, False), ended.err
        assert "an admin or an owner does" in ended.err
        assert f"cx attach {waiting['id']} -e staging" in ended.err
        assert "the deployment was cancelled" in ended.err, "it was watched until its end"
        assert there.refusals() == before, "nothing was tried that would be refused"
        assert there.team.owner.get(path).json()["may_accept"] is True

    def test_is_asked_of_who_attaches(self, there: There) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        there.signs_in("ada@example.com")
        there.answers("n\n")
        refused = there("attach")
        assert refused.code == 8
        asked_for = f"dora@example.com asked for at {there.deployments()[0]['created_at'][:19]}Z"
        assert f"which {asked_for}.\n" in refused.err
        assert f"Apply this to shop (staging), which {asked_for}? [y/N]" in refused.err
        assert "The deployment waits for an approval." in refused.err
        assert [one["status"] for one in there.deployments()] == ["awaiting_approval"]
        [waiting] = there.deployments()
        there.answers("y\n")
        ended = there("attach", waiting["id"])
        assert (ended.code, "Done: release 1 is live." in ended.err) == (0, True)

    def test_is_given_without_a_file_of_the_project(
        self, there: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        there.signs_in("ada@example.com")
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("CX_APP", raising=False)
        there.answers("y\n")
        ended = there("attach", "--project", "shop")
        assert (ended.code, "Done: release 1 is live." in ended.err) == (0, True), ended.err
        unknown = there("attach", "--project", "nobodys")
        assert (unknown.code, "no project nobodys" in unknown.err) == (6, True), unknown.err
        assert there("abort", "--project", "shop", "--here").code == 2


class TestInterrupted:
    def interrupt(self, there: There) -> threading.Thread:
        """Ctrl-C, once the release has begun."""
        there.script.held.set()

        def send() -> None:
            there.script.releasing.wait(30)
            os.kill(os.getpid(), signal.SIGINT)

        return meanwhile(send)

    def test_without_a_terminal_leaves_the_deployment_alone_and_says_how_to_see_it(
        self, there: There
    ) -> None:
        thread = self.interrupt(there)
        ended = there("deploy", "--yes")
        thread.join()
        [running] = there.deployments()
        assert (ended.code, running["status"]) == (130, "releasing")
        assert f"cx attach {running['id']} -e staging" in ended.err
        there.script.held.clear()
        lines = [json.loads(line) for line in there("attach", running["id"], "--json").out.splitlines()]
        assert (lines[0]["event"], lines[-1]["event"], lines[-1]["exit_code"]) == ("started", "ended", 0)
        assert "began" in {one["event"] for one in lines}

    def test_at_a_terminal_asks_whether_to_cancel(self, there: There) -> None:
        thread = self.interrupt(there)
        there.answers("cancel\n")
        ended = there("deploy", "--yes")
        thread.join()
        assert (ended.code, there.deployments()[0]["status"]) == (8, "cancelled")


class TestRelease:
    def test_under_way_is_steered(self, there: There) -> None:
        there.script.held.set()
        assert there("deploy", "--yes", "--detach").code == 0
        there.script.releasing.wait(30)
        while there.deployments()[0]["status"] != "releasing":
            time.sleep(0.02)
        for verb in (["pause"], ["resume"], ["promote", "--full"], ["rollback"]):
            before = len(there.script.wishes)
            assert there(*verb).code == 0
            until = time.monotonic() + 30
            while len(there.script.wishes) == before:
                assert time.monotonic() < until
                time.sleep(0.02)
        assert there.script.wishes == ["pause", "resume", "promote_full", "abort"]

    def test_goes_back_once_however_often_that_is_asked(self, there: There) -> None:
        assert there("deploy", "--yes").code == 0
        there.script.held.set()
        first = there.team.members["dora"].post(f"{STAGING}/rollback", release=None).json()
        there.until(first["id"], "releasing")
        threading.Timer(0.5, there.script.held.clear).start()
        assert there("rollback", "--json").answer["kind"] == "rollback"
        assert [one.task for one in there.script.orders] == ["plan", "apply", "roll_back"]
        assert there.script.wishes == []

    def test_is_none_where_a_job_is_being_started_which_is_cancelled(self, there: There) -> None:
        assert there("deploy", "--yes").code == 0
        there.script.held.set()
        job = there.team.members["dora"].post(f"{STAGING}/run", job="migrate", wait=False).json()
        there.until(job["id"], "releasing")
        assert there.team.members["dora"].post(f"{STAGING}/deployments/{job['id']}/abort").status_code == 409
        assert there("pause").code == 6
        assert there("abort").code == 0
        there.until(job["id"], "cancelled")

    def test_is_brought_back_once_a_job_has_been_started(self, there: There) -> None:
        assert there("deploy", "--yes").code == 0
        there.script.held.set()
        job = there.team.members["dora"].post(f"{STAGING}/run", job="migrate", wait=False).json()
        there.until(job["id"], "releasing")
        threading.Timer(0.5, there.script.held.clear).start()
        assert there("rollback").code == 0
        assert [one.task for one in there.script.orders] == ["plan", "apply", "run", "roll_back"]
        assert there.script.wishes == []

    def test_of_somebody_else_is_cancelled_once_that_is_asked_and_named(self, there: There) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        [waiting] = there.deployments()
        named = f"{waiting['id']}, which dora@example.com asked for at {waiting['created_at'][:19]}Z"
        there.signs_in("ada@example.com")
        there.answers("n\n")
        left = there("abort")
        assert (left.code, f"Cancel the deployment {named}? [y/N]" in left.err) == (8, True), left.err
        assert [one["status"] for one in there.deployments()] == ["awaiting_approval"]
        ended = there("abort", "--yes")
        assert (ended.code, ended.err.splitlines()[-1]) == (0, f"The deployment {named}, is cancelled.")
        assert [one["status"] for one in there.deployments()] == ["cancelled"]

    def test_of_ones_own_is_cancelled_without_a_question(self, there: There) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        assert there("abort").code == 0
        assert [one["status"] for one in there.deployments()] == ["cancelled"]

    def test_that_waits_for_another_one_says_so(self, there: There) -> None:
        there.script.held.set()
        assert there("deploy", "--yes", "--detach").code == 0
        there.script.releasing.wait(30)
        [first] = there.deployments()
        threading.Timer(2, there.script.held.clear).start()
        ended = there("deploy", "--yes")
        assert ended.code == 0, ended.err
        assert f"waits for the deployment {first['id']} of dora@example.com." in ended.err
        assert "waits for a worker" not in ended.err

    def test_that_is_not_there_is_told(self, there: There) -> None:
        for verb in ("pause", "abort", "attach"):
            assert there(verb).code == 6
        assert there("rollback").code == 7

    def test_is_brought_back_with_a_yes_that_nothing_asks_for(self, there: There) -> None:
        assert there("deploy", "--yes").code == 0
        assert there("rollback", "--yes", "--json").answer == there("rollback", "1", "-y", "--json").answer

    def test_is_brought_back(self, there: There) -> None:
        assert there("deploy", "--yes").code == 0
        ended = there("rollback", "1", "--json")
        assert (ended.code, ended.answer["kind"]) == (0, "rollback")
        assert there("rollback").code == 0
        assert [one.release for one in there.script.orders if one.task == "roll_back"] == [1, None]


class TestDiff:
    def test_plans_there_and_changes_nothing(self, there: There) -> None:
        ended = there("diff", "--json", "--detailed-exit-code")
        assert (ended.code, ended.answer["digest"]) == (10, PLAN["digest"])
        assert [one.task for one in there.script.orders] == ["diff"]

    def test_is_markdown_on_stdout_and_nowhere_else(self, there: There) -> None:
        ended = there("diff", "--markdown")
        assert (ended.code, ended.out) == (0, plan_markdown(plan_of(PLAN)))
        assert "aws:ec2/natGateway" not in ended.err + ended.out
        assert "shop · staging" not in ended.err

    @pytest.mark.usefixtures("euros")
    def test_is_markdown_in_another_currency(self, there: There) -> None:
        ended = there("diff", "--markdown", "--currency", "EUR")
        assert "(**+EUR 16.43**)" in ended.out
        assert "$" not in ended.out

    def test_is_the_comment_of_a_pull_request(self, there: There, tmp_path: Path) -> None:
        with commenting(there, tmp_path) as forge:
            assert "comment: created https://" in there("diff", "--comment").err
            there.script.error = REFUSED
            refused = there("diff", "--comment", "--json")
            [text] = forge.texts
            assert refused.code == 14
            assert refused.answer["error"]["details"]["plan"] == PLAN
            assert "A deploy would be refused:** it costs more" in text

    def test_that_fails_takes_the_place_of_an_older_plan(self, there: There, tmp_path: Path) -> None:
        with commenting(there, tmp_path) as forge:
            there("diff", "--comment")
            there.script.unplanned = {**REFUSED, "code": "engine_error", "message": "no engine"}
            assert there("diff", "--comment").code == 1
            [text] = forge.texts
            assert "**There is no plan:** no engine" in text

    def test_begins_no_comment_on_what_costs_little_more(self, there: There, tmp_path: Path) -> None:
        with commenting(there, tmp_path) as forge:
            ended = there("diff", "--comment", "--comment-above", "33")
            assert (ended.code, "none, the plan is not worth one" in ended.err) == (0, True)
            assert forge.texts == []
            there("diff", "--comment", "--comment-above", "32")
            assert len(forge.texts) == 1

    def test_is_in_the_summary_of_a_job(self, there: There, tmp_path: Path) -> None:
        summary = tmp_path / "summary.md"
        there.monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
        there("diff")
        there("deploy", "--yes")
        assert summary.read_text().count("### Cygni: shop · staging") == 2


REFUSED: dict[str, Any] = {"code": "cost_guard", "message": "it costs more", "hint": None, "details": {}}


@contextmanager
def commenting(there: There, folder: Path) -> Iterator[Forge]:
    """A job of GitHub for a pull request."""
    there.monkeypatch.setenv("no_proxy", "127.0.0.1")
    with forge_server("github") as forge:
        for name, value in forge.environ(folder).items():
            there.monkeypatch.setenv(name, value)
        yield forge
