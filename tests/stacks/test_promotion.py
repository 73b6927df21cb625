"""What is deployed, read back from the state that the real programs leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cygni.errors import NotPromotable
from cygni.naming import Part, stack_name
from cygni.plan.events import STACK_TYPE
from cygni.spec import ProjectSpec
from cygni.spec.promotion import ServiceRelease
from stacks.manifest import stack_inputs
from stacks.program import program_for
from stacks.promotion import releases_in
from stacks.records import StackRecord
from stacks.state import StackState
from stacks.status import Deployed
from tests.factories import create_spec
from tests.pulumi_mocks import Made, run_program

SERVICES = {
    "web": {
        "image": "nginx:1",
        "port": 8080,
        "env": {"GREETING": "hello", "BUCKET_UPLOADS": "mine"},
        "command": ["serve", "--fast"],
        "architecture": "arm64",
        "stop_timeout": 60,
    },
    "api": {"build": {"tag": "v7"}, "port": 80, "path": "/api"},
    "mailer": {"kind": "worker", "image": "mailer:1"},
    "report": {"kind": "cron", "image": "report:1", "schedule": "0 3 * * *", "env": {"DAY": "7"}},
    "migrate": {"kind": "job", "image": "migrate@sha256:" + "a" * 64},
}


def _state(made: Made, stack: str) -> StackState:
    """The state an engine would have after the program."""
    own = {
        "urn": f"urn:pulumi:{stack}::cygni::{STACK_TYPE}::{stack}",
        "type": STACK_TYPE,
        "outputs": made.outputs,
    }
    resources = [
        {
            "urn": f"urn:pulumi:{stack}::cygni::{one.type}::{one.name}",
            "type": one.type,
            "custom": one.custom,
            "inputs": one.inputs,
            "outputs": next(
                (
                    outputs
                    for urn, outputs in made.registered.items()
                    if urn.endswith(f"{one.type}::{one.name}")
                ),
                {},
            ),
        }
        for one in made.resources
    ]
    return StackState({"resources": [own, *resources]}, "as it was")


@pytest.fixture(scope="module")
def deployed() -> Deployed:
    spec: ProjectSpec = create_spec(services=SERVICES, queues={"mail": None})
    states: dict[Part, StackState] = {}
    known: dict[str, Mapping[str, Any]] = {}
    for part, inputs in stack_inputs(spec).items():
        stack = stack_name(spec.project, spec.environment, part)
        made = run_program(program_for(stack, inputs, {}), stack, references=known)
        known[stack] = made.outputs
        states[part] = _state(made, stack)
    records = {part: StackRecord("digest", "as it was", "aws:1", "2026-01-01") for part in states}
    return Deployed(spec, "aws", states, records, None)


Changed = Callable[..., Deployed]


@pytest.fixture
def changed(deployed: Deployed) -> Changed:
    """What is deployed, with the services stack's resources as a function makes them."""

    def change(of: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Deployed:
        services = deployed.states[Part.SERVICES]
        resources = [
            new for one in services.resources if (new := of(json.loads(json.dumps(one)))) is not None
        ]
        state = StackState({"resources": resources}, services.fingerprint)
        return Deployed(
            deployed.spec, "aws", {**deployed.states, Part.SERVICES: state}, deployed.records, None
        )

    return change


class TestReleases:
    def test_are_all_there_is_to_a_web_service(self, deployed: Deployed) -> None:
        assert releases_in(deployed)["web"] == ServiceRelease(
            image="nginx:1",
            architecture="arm64",
            stop_timeout=60,
            environment={"GREETING": "hello", "BUCKET_UPLOADS": "mine"},
            command=("serve", "--fast"),
            port=8080,
        )

    def test_hold_nothing_of_what_a_service_is_bound_to(self, deployed: Deployed) -> None:
        text = json.dumps(
            [
                json.loads(one.inputs["containerDefinitions"])
                for one in deployed.resources(Part.SERVICES)
                if one.type.endswith(":TaskDefinition")
            ]
        )
        assert "QUEUE_MAIL_URL" in text
        assert releases_in(deployed)["mailer"].environment == {}

    def test_of_what_is_built_are_a_tag(self, deployed: Deployed) -> None:
        api = releases_in(deployed)["api"]
        assert (api.image, api.tag, api.shown_image) == ("", "v7", "tag v7")

    def test_are_of_services_of_every_kind(self, deployed: Deployed) -> None:
        found = releases_in(deployed)
        assert set(found) == set(SERVICES)
        assert {name: one.port for name, one in found.items()} == {
            "web": 8080,
            "api": 80,
            "mailer": None,
            "report": None,
            "migrate": None,
        }
        assert found["report"].environment == {"DAY": "7"}
        assert found["migrate"].image == "migrate@sha256:" + "a" * 64


class TestRefusals:
    def test_of_a_state_that_hides_what_runs(self, changed: Changed) -> None:
        def hidden(one: dict[str, Any]) -> dict[str, Any]:
            if "containerDefinitions" in (one.get("inputs") or {}):
                one["inputs"]["containerDefinitions"] = {
                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"
                }
            return one

        with pytest.raises(NotPromotable, match="does not tell what"):
            releases_in(changed(hidden))

    def test_of_a_state_that_does_not_tell_own_variables_from_others(self, changed: Changed) -> None:
        with pytest.raises(NotPromotable, match="does not tell what"):
            releases_in(changed(lambda one: None if one["type"].startswith("cygni:") else one))

    def test_of_an_environment_without_services(self, changed: Changed) -> None:
        with pytest.raises(NotPromotable, match="no service that runs"):
            releases_in(changed(lambda one: None if one["type"].endswith(":TaskDefinition") else one))

    def test_of_an_environment_that_something_else_changed(self, deployed: Deployed) -> None:
        records = {
            **deployed.records,
            Part.DATA: StackRecord("digest", "as it was before", "aws:1", "2026-01-01"),
        }
        other = Deployed(deployed.spec, "aws", deployed.states, records, None)
        with pytest.raises(NotPromotable, match="data: the state was changed by something other"):
            releases_in(other)
