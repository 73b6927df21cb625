"""Scale, restart, run and destroy through a control plane: what is allowed, and how it ends at a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.platform_api.deployments.there import SHOP, There
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.worker.scripted_runner import PLAN

STAGING = f"{SHOP}/environments/staging"
FAILED = {
    "code": "run_failed",
    "message": "the job migrate failed: exit code 3, Essential container in task exited",
    "hint": None,
    "details": {"exit_code": 3, "reason": "it exited", "lines": ["row 2"]},
}

UNSTOPPED: dict[str, Any] = {
    "code": "resource_failed",
    "message": "the job was not stopped",
    "hint": None,
    "details": {},
}


@pytest.fixture
def deployed(there: There) -> There:
    """Something is deployed, by the folder that was sent then."""
    assert there("deploy", "--yes").code == 0
    there.script.orders.clear()
    (there.folder / "cygni.yaml").write_text("project: shop\nregion: eu-west-1\n")
    return there


class TestScale:
    def test_is_done_with_the_folder_that_was_deployed(self, deployed: There) -> None:
        ended = deployed("scale", "web=4", "mailer=0", "--json")
        assert (ended.code, ended.answer["kind"]) == (0, "scale"), ended.err
        [order] = deployed.script.orders
        assert order.arguments == {"counts": {"web": 4, "mailer": 0}}
        scaled, before = deployed.deployments()
        assert (scaled["kind"], scaled["status"]) == ("scale", "succeeded")
        assert scaled["source_id"] == before["source_id"]

    def test_of_what_was_never_deployed_says_so(self, there: There) -> None:
        ended = there("scale", "web=4")
        assert (ended.code, "nothing of shop was deployed to staging" in ended.err) == (6, True)
        assert there.deployments() == []

    @pytest.mark.parametrize("word", ["", "cancel"])
    def test_takes_no_folder_that_nobody_approved(self, there: There, word: str) -> None:
        there.needs_approval()
        source = there.team.owner.ask("POST", f"{SHOP}/sources", content=archive()).json()["id"]
        begun = there.team.owner.post(f"{STAGING}/deployments", source=source).json()["id"]
        there.until(begun, "awaiting_approval")
        if word:
            there.team.owner.post(f"{STAGING}/deployments/{begun}/{word}")
        assert there.team.members["dora"].post(f"{STAGING}/scale", counts={"web": 4}).status_code == 404
        assert there.team.members["dora"].post(f"{STAGING}/inquiries/status").status_code in (404, 422)
        assert [one.task for one in there.script.orders] == ["plan"]

    def test_of_what_failed_while_it_was_applied_takes_its_folder(self, there: There) -> None:
        there.script.error = {"code": "resource_failed", "message": "no", "hint": None, "details": {}}
        assert there("deploy", "--yes").code == 4
        there.script.error = None
        assert there("scale", "web=4").code == 0

    def test_takes_no_option_for_a_service(self, deployed: There) -> None:
        wrong: list[dict[str, object]] = [{}, {"--yes": 1}, {"web": 5001}, {"web": -1}, {"web": "many"}]
        answers = [deployed.team.owner.post(f"{STAGING}/scale", counts=counts) for counts in wrong]
        assert [one.status_code for one in answers] == [422] * 5
        assert len(deployed.deployments()) == 1


def test_a_restart_names_its_services(deployed: There) -> None:
    assert deployed("restart", "web").code == 0
    assert deployed("restart").code == 0
    assert [one.arguments["services"] for one in deployed.script.orders] == [["web"], []]


class TestRun:
    def test_shows_what_the_job_writes_and_nothing_else_on_stdout(self, deployed: There) -> None:
        ended = deployed("run", "migrate")
        assert (ended.code, ended.out) == (0, "row 1\nrow 2\n"), ended.err

    def test_ends_well_whatever_bytes_the_job_writes(self, deployed: There) -> None:
        deployed.script.written = ("a\0b", "half \ud800 of a character")
        ended = deployed("run", "migrate", "--json")
        assert ended.code == 0, ended.err
        assert ended.answer["lines"] == ["a\ufffdb", "half \ufffd of a character"]

    def test_answers_a_program_with_all_lines(self, deployed: There) -> None:
        ended = deployed("run", "migrate", "--json")
        assert ended.answer == {"job": "migrate", "task": "0190", "exit_code": 0, "lines": ["row 1", "row 2"]}
        [order] = deployed.script.orders
        assert order.arguments == {"job": "migrate", "wait": True}

    def test_ends_as_the_job_does_and_tells_no_line_twice(self, deployed: There) -> None:
        deployed.script.error = FAILED
        ended = deployed("run", "migrate")
        assert (ended.code, ended.out, "| row 2" in ended.err) == (4, "row 1\nrow 2\n", False)
        failed = deployed("run", "migrate", "--json").answer["error"]
        assert (failed["details"]["exit_code"], failed["details"]["lines"]) == (3, ["row 2"])

    def test_lets_others_begin_while_it_is_waited_for(self, deployed: There) -> None:
        deployed.script.held.set()
        waited_for = deployed.team.owner.post(f"{STAGING}/run", job="migrate").json()["id"]
        deployed.until(waited_for, "watching")
        assert deployed("scale", "web=4").code == 0
        deployed.script.held.clear()
        deployed.until(waited_for, "succeeded")

    def test_cancelled_stops_the_task_that_it_started(self, deployed: There) -> None:
        deployed.script.held.set()
        begun = deployed.team.owner.post(f"{STAGING}/run", job="migrate").json()["id"]
        deployed.until(begun, "watching")
        assert deployed("abort", begun).code == 0
        deployed.until(begun, "cancelled")
        assert [one.task for one in deployed.script.orders] == ["run", "stop"]

    def test_whose_task_could_not_be_stopped_says_so(self, deployed: There) -> None:
        deployed.script.held.set()
        deployed.script.unstopped = UNSTOPPED
        begun = deployed.team.owner.post(f"{STAGING}/run", job="migrate").json()["id"]
        deployed.until(begun, "watching")
        assert deployed.team.owner.post(f"{STAGING}/deployments/{begun}/cancel").status_code == 202
        deployed.until(begun, "failed")
        assert deployed.deployments()[0]["error"] == UNSTOPPED


class TestApproval:
    """Where the environment asks for one."""

    @pytest.fixture
    def guarded(self, deployed: There) -> There:
        deployed.needs_approval()
        return deployed

    @pytest.mark.parametrize(
        ("kind", "told", "question"),
        [
            (
                "run",
                {"job": "migrate"},
                "Run the job migrate of shop (staging), which dora@example.com asked for at ",
            ),
            (
                "scale",
                {"counts": {"web": 4}},
                "Scale web=4 in shop (staging), which dora@example.com asked for at ",
            ),
        ],
    )
    def test_of_somebody_with_the_right_is_waited_for(
        self, guarded: There, kind: str, told: dict[str, Any], question: str
    ) -> None:
        begun = guarded.team.members["dora"].post(f"{STAGING}/{kind}", **told).json()
        assert (begun["status"], begun["needs_approval"]) == ("awaiting_approval", True)
        for refused in ("approve", "apply"):
            path = f"{STAGING}/deployments/{begun['id']}/{refused}"
            assert guarded.team.members["dora"].post(path, plan=None).status_code == 403
        assert guarded.script.orders == []
        guarded.signs_in("ada@example.com")
        guarded.answers("y\n")
        ended = guarded("attach", begun["id"])
        assert (ended.code, question in ended.err) == (0, True), ended.err
        [approved, _] = guarded.deployments()
        assert (approved["status"], approved["attempt"]) == ("succeeded", 1)
        assert [one.task for one in guarded.script.orders] == [kind]

    def test_is_the_command_of_who_has_the_right(self, guarded: There) -> None:
        guarded.signs_in("ada@example.com")
        ended = guarded("run", "migrate")
        assert (ended.code, ended.out) == (0, "row 1\nrow 2\n"), ended.err
        assert guarded.deployments()[0]["approved_by"]["kind"] == "user"

    def test_of_a_plan_is_none_of_what_has_no_plan(self, guarded: There) -> None:
        begun = guarded.team.owner.post(f"{STAGING}/run", job="migrate").json()["id"]
        path = f"{STAGING}/deployments/{begun}/approve"
        assert guarded.team.owner.post(path, plan=PLAN["digest"]).json()["code"] == "world_changed"
        assert guarded.team.owner.post(path).status_code == 422

    def test_is_not_asked_for_where_what_was_approved_before_runs_again(self, guarded: There) -> None:
        assert guarded("restart", "web").code == 0
        assert guarded("rollback").code == 0


class TestDestroy:
    def test_shows_its_plan_asks_and_deletes_that(self, deployed: There) -> None:
        deployed.signs_in("ada@example.com")
        deployed.answers("y\n")
        ended = deployed("destroy", "--allow-destroy", "main")
        assert ended.code == 0, ended.err
        assert "Delete all of shop (staging)? [y/N]" in ended.err
        found = [(one.task, one.plan, one.allow_destroy) for one in deployed.script.orders]
        assert found == [("plan_end", "", ("main",)), ("destroy", PLAN["digest"], ("main",))]

    def test_that_is_not_wanted_deletes_nothing(self, deployed: There) -> None:
        deployed.signs_in("ada@example.com")
        assert deployed("destroy").code == 2
        assert deployed.deployments()[0]["status"] == "cancelled"
        assert deployed("destroy", "--yes", "--json").answer["deleted"] == 8

    def test_is_for_those_who_manage_environments(self, deployed: There) -> None:
        assert deployed("destroy", "--yes").code == 3
        begun = deployed.team.owner.post(f"{STAGING}/destroy", confirm=True).json()["id"]
        deployed.until(begun, "awaiting_approval")
        path = f"{STAGING}/deployments/{begun}/apply"
        assert deployed.team.members["dora"].post(path, plan=PLAN["digest"]).status_code == 403
        assert deployed.team.owner.post(path, plan=PLAN["digest"]).status_code == 200

    def test_waits_for_an_approval_where_the_environment_asks_for_one(self, deployed: There) -> None:
        deployed.needs_approval()
        begun = deployed.team.owner.post(f"{STAGING}/destroy").json()["id"]
        deployed.until(begun, "awaiting_approval")
        assert [one.task for one in deployed.script.orders] == ["plan_end"]
