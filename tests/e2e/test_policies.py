"""Policies and the real engine: what is against them stops a deploy before anything changes."""

from __future__ import annotations

import pytest

from tests.e2e.project import WEB, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SCRATCH = {"services": {"web": WEB}, "buckets": {"scratch": {}}}


def policies(level: str) -> dict[str, object]:
    return {"levels": {"bucket-versioning": level}}


class TestPolicy:
    def test_that_is_mandatory_stops_a_deploy_and_then_nothing_has_changed(self, project: Project) -> None:
        project.write(**SCRATCH, policies=policies("mandatory"))
        for arguments in (["diff"], ["deploy", "--yes"]):
            stopped = project.cx(*arguments)
            assert stopped.code == 5, stopped.err
            assert "mandatory policy bucket-versioning: shop-local-scratch: forgets" in stopped.err
        assert project.inventory() == []
        assert project.left_behind() == []
        told = project.cx("deploy", "--yes", "--json")
        assert (told.code, told.json["error"]["code"]) == (5, "policy_violation")
        findings = [
            one for stack in told.json["error"]["details"]["plan"]["stacks"] for one in stack["findings"]
        ]
        assert [(one["policy"], one["resource"]) for one in findings] == [
            ("bucket-versioning", "shop-local-scratch")
        ]

        project.change(policies=policies("advisory"))
        advised = project.deploy()
        assert "advisory policy bucket-versioning: shop-local-scratch" in advised.err

        project.change(policies=policies("disabled"))
        assert "bucket-versioning" not in project.deploy().err

        before = project.snapshot()
        project.change(policies=policies("mandatory"))
        assert project.cx("deploy", "--yes").code == 5
        project.change(policies=policies("mandatory"), buckets={"scratch": {"versioning": True}})
        assert project.snapshot() == before
        project.deploy()
        project.destroy("scratch")
