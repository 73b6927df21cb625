"""`cx drift`: what was changed outside, without changing anything."""

from __future__ import annotations

import pytest

from cygni.plan.events import DiagnosticEvent
from cygni.settings import Settings
from stacks.engine_locks import locks_folder
from stacks.target import state_folder
from tests.cli.conftest import Cx, held
from tests.engine_state import write_lock


@pytest.fixture
def deployed(cx: Cx) -> Cx:
    cx("deploy", "-y")
    return cx


def meddle(cx: Cx) -> None:
    cx.runner.world["shop-local-uploads"] = {"bucket": "shop-local-uploads", "versioning": False}
    cx.runner.world["shop-local"] = None


class TestDrift:
    def test_of_what_is_as_it_was_is_none(self, deployed: Cx) -> None:
        ended = deployed("drift", "--detailed-exit-code")
        assert (ended.code, ended.out) == (0, "")
        assert "No drift: 8 resources of shop (local) are as they were deployed." in ended.err

    def test_is_told_with_what_differs(self, deployed: Cx) -> None:
        meddle(deployed)
        ended = deployed("drift")
        assert ended.code == 0
        assert "foundation  1 resource changed outside of Cygni" in ended.err
        assert "  ec2.Vpc shop-local: gone" in ended.err
        assert "  s3.Bucket shop-local-uploads: inputs: " in ended.err
        assert "2 of 8 resources of shop (local) changed outside of Cygni." in ended.err

    def test_changes_nothing_and_asks_nothing(self, deployed: Cx) -> None:
        meddle(deployed)
        deployed.answers("")
        deployed("drift")
        assert deployed.runner.calls == [
            f"{part} refresh-preview" for part in ("foundation", "data", "services")
        ]

    def test_ends_with_ten_for_a_schedule(self, deployed: Cx) -> None:
        meddle(deployed)
        assert deployed("drift", "--detailed-exit-code", "--json").code == 10

    def test_is_a_document_for_programs(self, deployed: Cx) -> None:
        meddle(deployed)
        ended = deployed("drift", "--json")
        document = ended.answer
        assert (document["project"], document["environment"], document["drifted"]) == ("shop", "local", 2)
        found = {stack["name"]: stack for stack in document["stacks"]}
        assert [found[part]["checked"] for part in ("foundation", "data", "services")] == [1, 1, 6]
        [gone], [changed] = found["foundation"]["drift"], found["data"]["drift"]
        assert (gone["change"], gone["properties"]) == ("gone", [])
        assert (changed["change"], changed["name"], changed["properties"][0]["path"]) == (
            "changed",
            "shop-local-uploads",
            "inputs",
        )

    def test_needs_no_lock_and_tells_of_a_deploy_at_work(self, deployed: Cx) -> None:
        write_lock(state_folder(Settings.from_environment()) / locks_folder("shop.local.data"), 1, "far")
        with held():
            ended = deployed("drift")
        assert ended.code == 0
        assert "warning: data: a deploy is at work or was interrupted" in ended.err

    def test_passes_on_what_the_engine_warns_of(self, deployed: Cx) -> None:
        deployed.runner.saying["data refresh-preview"] = [DiagnosticEvent("warning", "an old provider")]
        assert "warning: an old provider" in deployed("drift").err

    def test_of_nothing_is_an_error(self, cx: Cx) -> None:
        assert cx("drift").code == 6

    def test_does_not_take_a_restarted_cloud_for_drift(self, deployed: Cx) -> None:
        deployed.cloud = "life-2"
        ended = deployed("drift", "--detailed-exit-code")
        assert (ended.code, "was restarted or reset" in ended.err) == (7, True)
