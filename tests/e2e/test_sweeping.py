"""A destroy finds what its environment has in the cloud and no state knows."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.naming import Part
from tests.e2e.project import WORKER, Project
from tests.e2e.test_leftovers import ROLE, rewrite

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class TestSweep:
    def test_deletes_what_no_state_knows(self, project: Project) -> None:
        project.write(services={"mailer": WORKER}, buckets={"uploads": {}})
        project.deploy()

        def forget_roles(found: list[dict[str, Any]]) -> None:
            gone = {one["urn"] for one in found if one["type"] in (ROLE, "aws:iam/rolePolicy:RolePolicy")}
            found[:] = [one for one in found if one["urn"] not in gone]
            for one in found:
                one["dependencies"] = [urn for urn in one.get("dependencies") or [] if urn not in gone]
                one["propertyDependencies"] = {}

        rewrite(project, Part.SERVICES, forget_roles)
        rewrite(project, Part.DATA, lambda found: found.clear())
        refused = project.cx("destroy", "--yes")
        assert (refused.code, "--allow-destroy uploads" in refused.err) == (2, True), refused.err
        assert project.kinds()["role"] == 2
        result = project.cx("destroy", "--yes", "--allow-destroy", "uploads", "--debug")
        assert result.code == 0, result.err
        assert "s3.Bucket shop-local-uploads (left over)" in result.err
        assert "iam.Role shop-local-mailer-task (left over)" in result.err
        assert "Still in the cloud" not in result.err
        assert project.inventory() == []
        assert project.stacks() == []
