"""What a newcomer does, from the first deploy to the last destroy, with the example of the repository."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # stubs are a package of their own
import pytest

from tests.e2e.project import WEB, WORKER, Project, Result

pytestmark = [pytest.mark.engine, pytest.mark.slow]

HELLO = Path(__file__).parents[2] / "examples" / "hello" / "cygni.yaml"


def holds_to_its_schema(plan: dict[str, Any]) -> bool:
    """Whether a plan is what docs/plan.schema.json promises to programs."""
    schema = json.loads((HELLO.parents[2] / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(plan, schema)
    return True


def changes(plan: dict[str, Any]) -> dict[str, int]:
    """How many steps of each kind a plan has, by stack."""
    return {stack["name"]: len(stack["steps"]) for stack in plan["stacks"] if stack["steps"]}


def statuses(plan: dict[str, Any]) -> dict[str, str]:
    return {stack["name"]: stack["status"] for stack in plan["stacks"]}


def delta(plan: dict[str, Any]) -> Decimal:
    return Decimal(plan["cost"]["delta"]["monthly"])


class TestHello:
    def test_is_deployed_changed_shown_and_destroyed(self, new_project: Callable[..., Project]) -> None:
        hello = new_project("hello")
        shutil.copy(HELLO, hello.folder / "cygni.yaml")
        self._first_deploy(hello)
        self._nothing_to_do(hello)
        self._a_change_of_code(hello)
        self._everything_goes(hello)
        assert hello.left_behind() == []

    def _first_deploy(self, hello: Project) -> None:
        result = hello.cx("deploy", "--yes", "--json")
        assert (result.code, result.err.count("error")) == (0, 0), result.err
        plan = result.json["plan"]
        assert holds_to_its_schema(plan)
        assert statuses(plan) == dict.fromkeys(("foundation", "data", "services"), "changed")
        assert result.json["applied"] == sum(changes(plan).values()) > 30
        assert delta(plan) > 0
        assert hello.differences() == []
        address = result.json["outputs"]["services"]["urls"]["web"]
        assert hello.cx("outputs", "services.urls.web").out.strip() == address
        assert hello.cx("outputs", "--json").json == result.json["outputs"]
        status = hello.cx("status", "--json").json
        assert {service["url"] for service in status["services"]} == {address}
        assert status["warnings"] == []
        assert Decimal(status["monthly"]) == delta(plan)

    def _nothing_to_do(self, hello: Project) -> None:
        before = hello.snapshot()
        again = hello.deploy()
        assert again.err.splitlines() == [again.last_line]  # one line, no more
        assert again.last_line.startswith("No changes: hello (local)")
        assert again.last_line.endswith("delta $0.00.")
        difference = hello.cx("diff", "--json", "--detailed-exit-code")
        assert difference.code == 0
        assert statuses(difference.json) == dict.fromkeys(("foundation", "data", "services"), "skipped")
        assert delta(difference.json) == 0
        assert hello.snapshot() == before

    def _a_change_of_code(self, hello: Project) -> None:
        text = (hello.folder / "cygni.yaml").read_text(encoding="utf-8")
        hello.write_text(
            text.replace("GREETING: hello", "GREETING: hi").replace("memory: 512", "memory: 1024")
        )
        before = hello.snapshot()
        difference = hello.cx("diff", "--json", "--detailed-exit-code")
        assert difference.code == 10, difference.err
        assert holds_to_its_schema(difference.json)
        # Only the stack whose inputs changed is asked: the others are known to be the same.
        assert statuses(difference.json) == {
            "foundation": "skipped",
            "data": "skipped",
            "services": "changed",
        }
        assert delta(difference.json) > 0
        shown = hello.cx("diff")
        assert (shown.code, shown.out) == (0, "")
        assert "previewing services" in shown.err
        assert "previewing foundation" not in shown.err
        assert hello.cx("diff", "--markdown").out.startswith("#")
        assert hello.snapshot() == before
        applied = hello.cx("deploy", "--yes", "--json")
        assert changes(applied.json["plan"]) == changes(difference.json)
        assert hello.differences() == []

    def _everything_goes(self, hello: Project) -> None:
        before = hello.snapshot()
        refused = hello.cx("destroy", "--yes")
        assert (refused.code, "uploads" in refused.err) == (2, True)
        assert hello.snapshot() == before
        result = hello.destroy("uploads")
        assert "nothing left in the state" in result.last_line
        gone = hello.cx("status", "--json")
        assert (gone.code, gone.json["error"]["code"]) == (6, "not_found")


class TestChanges:
    """One environment, changed step by step; after each the cloud is what the state says, and nothing else."""

    def test_add_and_remove_all_there_is(self, project: Project) -> None:
        project.write(services={"web": WEB})
        self._deploy(project)
        api = {**WEB, "path": "/api", "port": 8080}
        built = {"kind": "worker", "build": {"tag": "v1"}}
        project.change(
            services={"web": WEB, "api": api, "mailer": WORKER, "jobs": built},
            buckets={"uploads": {}},
            network={"nat": "single"},
        )
        self._deploy(project)
        assert project.kinds()["nat-gateway"] == 1
        assert (project.kinds()["bucket"], project.kinds()["repository"]) == (1, 1)
        assert set(project.cx("outputs", "services.urls", "--json").json) == {"web", "api"}
        project.change(network={"nat": "per-zone"}, services={"web": WEB, "jobs": built})
        self._deploy(project)
        assert project.kinds()["nat-gateway"] == 2
        project.change(network=None, services={"web": WEB}, buckets=None)
        self._refuse_to_lose(project)
        self._deploy(project, "--allow-destroy", "uploads")
        assert (project.kinds()["nat-gateway"], project.kinds()["elastic-ip"]) == (0, 0)
        assert (project.kinds()["bucket"], project.kinds()["repository"]) == (0, 0)
        project.destroy()

    def _deploy(self, project: Project, *arguments: str) -> Result:
        result = project.deploy(*arguments)
        assert project.differences() == []
        assert project.duplicates() == []
        return result

    def _refuse_to_lose(self, project: Project) -> None:
        before = project.snapshot()
        refused = project.cx("deploy", "--yes")
        assert refused.code == 2
        assert "--allow-destroy uploads" in refused.err
        assert project.snapshot() == before

    def test_names_of_the_greatest_length_fit(self, new_project: Callable[..., Project]) -> None:
        schema = json.loads((HELLO.parents[2] / "docs" / "cygni.schema.json").read_text(encoding="utf-8"))
        longest = schema["properties"]["project"]["maxLength"]
        service = "s" + "e" * (schema["properties"]["services"]["propertyNames"]["maxLength"] - 1)
        bucket = "b" + "u" * (schema["properties"]["buckets"]["propertyNames"]["maxLength"] - 1)
        project = new_project("p" + "r" * (longest - 1))
        project.write(services={service: WEB}, buckets={bucket: {}})
        self._deploy(project)
        assert project.deploy().last_line.startswith("No changes")
        project.destroy(bucket)
