"""`cx` in a project whose environment a control plane has, which serves on a port; its worker follows a script."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from cli import following, terminal
from cli.invocation import invoke
from tests.cli.conftest import OF_CI, Ended
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import PASSWORD, Team
from tests.platform_api.served import Served
from tests.platform_api.worker.scripted_runner import PLAN, Script, working

SHOP = "/v1/organizations/acme/projects/shop"
SPEC = "project: shop\nregion: us-east-1\n"


@dataclass
class There:
    """The project `shop` at a control plane with its environment `staging`, and somebody's terminal for it."""

    server: Served
    workshop: Workshop
    team: Team
    script: Script
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    data: Path

    def __call__(self, *arguments: str) -> Ended:
        self.capsys.readouterr()
        code = invoke([*arguments, "--env", "staging"])
        said = self.capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    def signs_in(self, email: str) -> None:
        self.monkeypatch.setenv("CYGNI_DATA_DIR", str(self.data / email))
        self.monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        url = f"http://127.0.0.1:{self.server.port}"
        assert invoke(["login", url, "--email", email, "--password-stdin"]) == 0

    def answers(self, text: str) -> None:
        """There is a terminal, and a person at it who types this."""
        for module in (terminal, following):
            self.monkeypatch.setattr(module, "interactive", lambda: True)
        self.monkeypatch.setattr("sys.stdin", io.StringIO(text))

    def deployments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.team.owner.get(f"{SHOP}/environments/staging/deployments").json()[
            "items"
        ]
        return found

    def last_refused(self) -> str:
        """What somebody was refused last."""
        rows = self.workshop.run("SELECT action FROM audit_entries WHERE outcome = 'refused' ORDER BY number")
        return str(rows[-1]["action"]) if rows else ""

    def needs_approval(self) -> None:
        self.team.owner.ask("PATCH", f"{SHOP}/environments/staging", json={"needs_approval": True})


@pytest.fixture
def silent_log() -> Iterator[None]:
    """The worker of this process writes its log to the stdout of the commands."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


@pytest.fixture
def there(
    silent_log: None,
    control_plane: ControlPlane,
    team: Team,
    workshop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[There]:
    team.owner.post("/v1/organizations/acme/projects", slug="shop")
    team.owner.post(f"{SHOP}/environments", name="staging")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "cygni.yaml").write_text(SPEC)
    monkeypatch.chdir(folder)
    for variable in OF_CI:
        monkeypatch.delenv(variable, raising=False)
    team.invite("dora", "developer")
    server = Served(control_plane.owner_url)
    made = There(server, workshop, team, Script(), folder, monkeypatch, capsys, tmp_path / "data")
    before = signal.getsignal(signal.SIGTERM)
    server.start()
    try:
        with working(workshop.worker_url, made.script):
            made.signs_in("dora@example.com")
            yield made
            made.script.held.clear()
    finally:
        server.stop()
    signal.signal(signal.SIGTERM, before)


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
        assert there("deploy").code == 0
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

    def test_refuses_what_means_nothing_there(self, there: There) -> None:
        for wrong in (["--currency", "EUR"], ["--timeout", "5m"]):
            assert there("deploy", *wrong).code == 2
        assert there.deployments() == []

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


class TestApproval:
    def test_is_given_by_the_person_with_the_right_while_the_other_waits(self, there: There) -> None:
        there.needs_approval()

        def approve() -> None:
            until = time.monotonic() + 30
            while there.last_refused() != "deployment:approve":
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

    def test_is_asked_of_who_attaches(self, there: There) -> None:
        there.needs_approval()
        there.answers("y\n")
        assert there("deploy", "--detach").code == 0
        there.signs_in("ada@example.com")
        there.answers("n\n")
        assert there("attach").code == 8
        assert [one["status"] for one in there.deployments()] == ["awaiting_approval"]
        [waiting] = there.deployments()
        there.answers("y\n")
        ended = there("attach", waiting["id"])
        assert (ended.code, "Done: release 1 is live." in ended.err) == (0, True)


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

    def test_that_is_not_there_is_told(self, there: There) -> None:
        for verb in ("pause", "abort", "attach"):
            assert there(verb).code == 6
        assert there("rollback").code == 7

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
        assert there("diff", "--markdown").code == 2
