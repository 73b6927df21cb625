"""One project with something in every section of cygni.yaml: deployed, changed, promoted and destroyed."""

from __future__ import annotations

import copy
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from components.reference import components
from cygni.naming import Part
from stacks.kept_secrets import FILE_VARIABLE
from tests.e2e.project import Project, Result
from tests.every_section import EVERYTHING, ONE_OF_EACH_ACCOUNT

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SECONDS = 900.0
STAGING: dict[str, Any] = {
    "domain": {"name": "staging.whole.test", "aliases": ["www.staging.whole.test"]},
    "security": dict.fromkeys(ONE_OF_EACH_ACCOUNT, False),
    "services": {"web": {"env": {"LEVEL": "warning"}}},
}


WITHOUT_A_PRICE = {
    # In another region, of which the book has few prices.
    ("aws:s3/bucket:Bucket", "whole-local-uploads.replica"),
    # On Spot, which has no list price.
    ("aws:ecs/service:Service", "whole-local-mailer-blue"),
    # The book has no price of its checks, nor of GuardDuty's plans.
    ("aws:securityhub/account:Account", "whole-local"),
    ("aws:guardduty/detector:Detector", "whole-local"),
}


def everything() -> dict[str, Any]:
    spec = copy.deepcopy({**EVERYTHING, "environments": {"staging": STAGING}})
    for limit in ("max_increase", "budget"):
        del spec["cost"][limit]  # nothing bounds what is in another region, so no limit lets it through
    spec["services"]["web"]["secrets"]["API_TOKEN"] = "secrets://TOKEN"
    return spec


class TestTheProject:
    def test_has_something_in_every_section(self) -> None:
        schema = json.loads((ROOT / "docs" / "cygni.schema.json").read_text(encoding="utf-8"))
        assert set(everything()) == set(schema["properties"])
        assert all(everything().values())


class TestEveryComponent:
    @pytest.fixture
    def whole(self, new_project: Any) -> Project:
        """The project, with a second environment on the local cloud."""
        project: Project = new_project("whole")
        project.command = [sys.executable, str(Path(__file__).with_name("anywhere.py"))]
        project.write_text(json.dumps(everything(), indent=1))
        given = {
            "TOKEN": {"version": str(uuid.uuid4()), "value": "hunter2"}
        }  # as a worker of the control plane does
        (project.root / "secrets.json").write_text(json.dumps(given))
        return project

    def test_is_deployed_changed_promoted_and_destroyed(self, whole: Project) -> None:
        self._first_deploy(whole)
        self._nothing_to_do(whole)
        self._changes(whole)
        self._is_promoted(whole)
        self._goes_back_openly(whole)
        self._everything_goes(whole)

    def _run(self, whole: Project, *arguments: str, code: int = 0) -> Result:
        result = whole.cx(*arguments, env={FILE_VARIABLE: str(whole.root / "secrets.json")}, seconds=SECONDS)
        assert result.code == code, result.err + result.out[:2000]
        return result

    def _is_in_order(self, whole: Project) -> None:
        assert (whole.differences(), whole.duplicates()) == ([], [])

    def _first_deploy(self, whole: Project) -> None:
        result = self._run(whole, "deploy", "--yes", "--json")
        self._is_in_order(whole)
        costs = result.json["plan"]["cost"]["resources"]
        unpriced = [one for one in costs if one["after"]["status"] == "no_price"]
        assert {(one["type"], one["name"]) for one in unpriced} <= WITHOUT_A_PRICE
        types = {str(one["type"]) for part in Part for one in whole.state(part).resources}
        made = {one.token for one in components()}
        assert made - types == set()

    def _nothing_to_do(self, whole: Project) -> None:
        before = whole.snapshot()
        assert self._run(whole, "deploy", "--yes").last_line.startswith("No changes")
        assert "No drift" in self._run(whole, "drift", "--detailed-exit-code").err
        assert whole.snapshot() == before

    def _changes(self, whole: Project) -> None:
        spec = everything()
        spec["services"]["web"] |= {"image": "web:2", "env": {"GREETING": "hi", "LEVEL": "debug"}}
        spec["services"]["api"]["build"]["tag"] = "v2"
        spec["queues"]["mail"]["max_receive_count"] = 5
        spec["buckets"]["uploads"]["lifecycle"] = {"old": {"expire_after": 30}}
        spec["databases"]["main"]["backup_retention"] = 3
        spec["kubernetes"]["node_groups"]["general"]["min"] = 2
        spec["log_retention"] = 30
        whole.write_text(json.dumps(spec, indent=1))
        self._run(whole, "deploy", "--yes")
        self._is_in_order(whole)

    def _is_promoted(self, whole: Project) -> None:
        """The file moves on; what runs in one environment reaches the other all the same."""
        whole.write_text(json.dumps(everything(), indent=1))
        whole.environments.append("staging")
        result = self._run(whole, "env", "promote", "local", "staging", "--yes", "--json")
        self._is_in_order(whole)
        assert result.json["promotion"]["images"] == {
            "api": "tag v2",
            "mailer": "mailer:1",
            "migrate": "migrate:1",
            "report": "report:1",
            "web": "web:2",
        }
        given, taken = self._container(whole, "local", "web"), self._container(whole, "staging", "web")
        assert (given["image"], taken["image"]) == ("web:2", "web:2")
        assert self._variables(taken)["GREETING"] == "hi"
        assert self._variables(taken)["LEVEL"] == "warning"
        assert not [value for value in self._variables(taken).values() if "whole-local" in value]
        assert self._container(whole, "staging", "api")["image"].endswith("whole/staging/api:v2")
        again = self._run(whole, "env", "promote", "local", "staging", "--yes")
        assert again.last_line.startswith("No changes: whole (staging) is as local is")

    def _goes_back_openly(self, whole: Project) -> None:
        difference = self._run(whole, "diff", "-e", "staging", "--json", "--detailed-exit-code", code=10)
        steps = [step for stack in difference.json["stacks"] for step in stack["steps"]]
        assert {"whole-staging-web", "whole-staging-api"} <= {step["name"] for step in steps}
        listed = self._run(whole, "env", "list", "--json").json["environments"]
        assert [(one["name"], one["deployed"], one["warnings"]) for one in listed] == [
            ("local", True, []),
            ("staging", True, []),
        ]

    def _everything_goes(self, whole: Project) -> None:
        for name in ("staging", "local"):
            refused = self._run(whole, "destroy", "-e", name, "--yes", code=2)
            names = sorted(set(re.findall(r"--allow-destroy (\S+)", refused.err)))
            flags = [flag for one in names for flag in ("--allow-destroy", one)]
            self._run(whole, "destroy", "-e", name, "--yes", *flags)
        assert whole.inventory() == []
        assert [whole.state(part, name).exists for part in Part for name in whole.environments] == [False] * 6
        assert whole.left_behind() == []

    def _container(self, whole: Project, environment: str, service: str) -> dict[str, Any]:
        [task] = [
            one
            for one in whole.state(Part.SERVICES, environment).resources
            if one["type"] == "aws:ecs/taskDefinition:TaskDefinition"
            and one["urn"].endswith(f"::whole-{environment}-{service}")
        ]
        [container] = json.loads(task["inputs"]["containerDefinitions"])
        assert isinstance(container, dict)
        return container

    def _variables(self, container: dict[str, Any]) -> dict[str, str]:
        return {one["name"]: one["value"] for one in container["environment"]}
