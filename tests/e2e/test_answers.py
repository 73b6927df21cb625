"""What happens between the plan and its apply: asked or not, answered or not, and a world that moves meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.cloud_gate import CloudGate
from tests.e2e.project import WORKER, Project, is_one_error

pytestmark = [pytest.mark.engine, pytest.mark.slow]

QUESTION = "Apply these changes to shop (local)? [y/N]"


class TestFirstDeploy:
    """Of a project that is nowhere yet; the answers come one after the other."""

    def test_changes_nothing_until_somebody_says_yes(self, project: Project) -> None:
        project.write()
        self._nobody_is_there(project)
        self._answer(project, "n\n", "stopped: nothing was changed")
        self._answer(project, "\x03", "\nstopped: nothing was changed\n", 130)
        terminal = project.terminal("deploy")
        terminal.wait_for(QUESTION)
        terminal.type("y\n")
        assert terminal.end() == 0
        assert project.differences() == []
        project.destroy()
        assert project.left_behind() == []

    def _nobody_is_there(self, project: Project) -> None:
        result = project.cx("deploy")
        assert result.code == 2
        assert is_one_error(result)
        assert "+ ec2.Vpc shop-local" in result.err
        assert "Cost, USD per month" in result.err
        assert "--yes" in result.hint
        result = project.cx("deploy", "--json")
        assert result.code == 2
        assert result.json["error"]["code"] == "confirmation_required"
        assert result.json["error"]["details"]["plan"]["changes"]["create"] > 10
        assert project.inventory() == []

    def _answer(self, project: Project, answer: str, said: str, code: int = 8) -> None:
        before = project.snapshot()
        terminal = project.terminal("deploy")
        terminal.wait_for(QUESTION)
        terminal.type(answer)
        assert terminal.end() == code
        assert said in terminal.shown
        assert project.snapshot() == before
        assert project.inventory() == []
        assert project.left_behind() == []


class TestWorldThatMoves:
    def test_refuses_to_apply_what_is_no_longer_so(self, project: Project, tmp_path: Path) -> None:
        project.write()
        project.deploy()
        project.change(network={"nat": "single"})
        terminal = project.terminal("deploy")
        terminal.wait_for(QUESTION)
        self._another_machine_deploys(project)
        before = project.snapshot()
        terminal.type("y\n")
        assert terminal.end() == 7
        assert "the state of shop.local.foundation changed after the plan was shown" in terminal.shown
        assert project.snapshot() == before
        self._without_refresh_sees_nothing(project)
        project.destroy()

    def _another_machine_deploys(self, project: Project) -> None:
        """The state gets another content, as by a deploy of somebody who does not know this machine's lock."""
        path = project.settings.data_dir / "state/.pulumi/stacks/cygni/shop.local.foundation.json"
        checkpoint = json.loads(path.read_text(encoding="utf-8"))
        checkpoint["checkpoint"]["latest"]["manifest"]["time"] = "2001-01-01T00:00:00Z"
        path.write_text(json.dumps(checkpoint), encoding="utf-8")

    def _without_refresh_sees_nothing(self, project: Project) -> None:
        """A change of the world that the state does not know, in the moment between plan and apply."""
        terminal = project.terminal("deploy", "--refresh")
        terminal.wait_for(QUESTION)
        [vpc] = [one["id"] for one in project.inventory() if one["kind"] == "vpc"]
        project.client("ec2").create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "taken"}])
        terminal.type("y\n")
        assert terminal.end() == 7
        assert "no longer what was shown" in terminal.shown
        assert project.kinds()["nat-gateway"] == 0
        project.deploy("--refresh")
        assert project.differences() == []
        assert project.kinds()["nat-gateway"] == 1


class TestTwoAtOnce:
    def test_the_second_names_the_first_or_waits_for_it(self, project: Project, gate: CloudGate) -> None:
        project.write(services={"mailer": WORKER})
        gate.delay = 0.2
        first = project.start("deploy", "--yes")
        project.find_process("/pulumi --non-interactive")
        refused = project.cx("deploy", "--yes")
        assert refused.code == 13
        assert is_one_error(refused)
        assert f"cx deploy (pid {first.pid} on " in refused.err
        assert "--lock-wait" in refused.hint
        second = project.start("deploy", "--yes", "--lock-wait", "60s")
        assert first.wait().code == 0
        assert second.wait().code == 0
        assert second.err.splitlines()[-1].startswith("No changes")
        assert project.differences() == []
        assert project.duplicates() == []
        project.destroy()


class TestTwoProjects:
    def test_share_a_cloud_and_do_not_meet(self, new_project: Callable[..., Project]) -> None:
        one, other = new_project("one"), new_project("other")
        other.settings = one.settings
        for project in (one, other):
            project.write()
        running = [project.start("deploy", "--yes") for project in (one, other)]
        assert [each.wait().code for each in running] == [0, 0]
        assert one.kinds()["vpc"] == 2
        assert one.cx("destroy", "--yes").code == 0
        assert other.deploy().last_line.startswith("No changes")
        assert other.differences() == []
