from __future__ import annotations

from pathlib import Path
from typing import Any

from stacks.not_yet import not_yet
from stacks.planning import plan_environment
from tests.factories import create_environment, create_spec
from tests.fakes import FakeRunner, Heard

WEB: dict[str, Any] = {"image": "nginx:1", "port": 80}
BUILT: dict[str, Any] = {"port": 80, "build": {"tag": "v7"}}


def warnings(**services: Any) -> list[str]:
    return list(not_yet(create_spec(services=services)))


class TestNotYet:
    def test_says_nothing_of_what_works(self) -> None:
        assert warnings(web=WEB, api={**WEB, "path": "/api", "strategy": "canary"}) == []

    def test_names_what_is_to_be_pushed(self) -> None:
        [warning] = warnings(web=BUILT, api={**BUILT, "path": "/api"})
        assert warning.startswith("images whose tag is in cygni.yaml are expected in ECR")
        assert warning.endswith(": api (v7), web (v7)")

    def test_names_what_a_start_command_makes_on_the_local_cloud_alone(self) -> None:
        built = {"port": 80, "build": {"tag": "v7", "start": "python3 app.py"}}
        assert list(not_yet(create_spec(environment="local", services={"web": built}))) == []
        [warning] = not_yet(create_spec(environment="staging", services={"web": built}))
        assert warning.endswith(": web (v7)")
        [warning] = not_yet(create_spec(environment="local", services={"web": BUILT}))
        assert "`build.start`" in warning

    def test_says_nothing_of_what_cygni_builds_and_pushes(self) -> None:
        built = {"port": 80, "build": {"start": "python3 app.py"}}
        tagged = create_spec(environment="staging", services={"web": built})
        build = tagged.services["web"].build
        assert build is not None
        service = tagged.services["web"].model_copy(update={"build": build.with_tag("0a1b")})
        assert list(not_yet(tagged.model_copy(update={"services": {"web": service}}))) == []

    def test_is_said_once_in_a_plan(self, tmp_path: Path) -> None:
        spec = create_spec(services={"web": BUILT})
        planned = plan_environment(FakeRunner(), create_environment(tmp_path), spec, Heard())
        assert planned.plan.warnings == tuple(not_yet(spec))
        assert len(planned.plan.warnings) == 1
