from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cygni.errors import StateError
from cygni.plan.events import DiagnosticEvent, ResourceState, StackEvent, StepEvent
from cygni.state_place import state_place
from stacks.operations import OperationKind, StackOperation
from stacks.recovery import is_unsettled, recover
from stacks.refresh_owed import owe_refresh, refresh_done, refresh_is_owed
from stacks.state import StackState, look
from stacks.target import Environment
from stacks.unheard import forget_unheard, read_unheard, remember_unheard, unheard_creates, with_pending
from tests.engine_state import read_state, write_state
from tests.factories import create_environment
from tests.fake_programs import BUCKET, VPC, urn_of
from tests.fakes import FakeRunner
from tests.postgres_server import PostgresServer

STACK = "shop.staging.data"
URN = urn_of(STACK, BUCKET, "uploads")
PROVIDER = urn_of(STACK, "pulumi:providers:aws", "default")
GONE = "error reading from server: EOF"


def failed(operation: str = "create", message: str = GONE, **given: Any) -> list[StackEvent]:
    """What the engine tells of a step that failed."""
    new = ResourceState(BUCKET, URN, inputs={"bucket": "uploads"}, **given)
    return [
        DiagnosticEvent("error", message, URN),
        StepEvent("failed", operation, URN, BUCKET, new=new),
    ]


class TestUnheardCreates:
    @pytest.mark.parametrize(
        "message",
        [
            GONE,
            'connection error: desc = "transport: Error while dialing"',
            "rpc error: code = Unavailable desc = transport is closing",
            "CreateVpc: Connection was closed before we received a valid response from endpoint URL",
            'CreateVpc: Read timeout on endpoint URL: "http://127.0.0.1:1/"',
            "operation error EC2: CreateVpc: read tcp 10.0.0.1:1: connection reset by peer",
        ],
    )
    def test_are_those_whose_answer_did_not_come(self, message: str) -> None:
        [found] = unheard_creates(failed(message=message), {})
        assert (found["urn"], found["inputs"]) == (URN, {"bucket": "uploads"})

    @pytest.mark.parametrize("operation", ["create", "create-replacement"])
    def test_are_creates_of_either_kind(self, operation: str) -> None:
        assert len(unheard_creates(failed(operation), {})) == 1

    @pytest.mark.parametrize("operation", ["update", "delete", "delete-replaced", "same"])
    def test_are_no_other_steps(self, operation: str) -> None:
        assert unheard_creates(failed(operation), {}) == []

    def test_are_not_those_the_cloud_refused(self) -> None:
        assert unheard_creates(failed(message="CreateBucket: BucketAlreadyExists"), {}) == []

    def test_are_no_components(self) -> None:
        assert unheard_creates(failed(custom=False), {}) == []

    def test_are_all_creates_that_began_where_the_state_was_lost(self) -> None:
        def step(phase: Any, operation: str, name: str, token: str = BUCKET) -> StepEvent:
            urn = urn_of(STACK, token, name)
            return StepEvent(
                phase, operation, urn, token, new=ResourceState(token, urn, inputs={"bucket": name})
            )

        events = [
            step("planned", "create", "begun"),
            step("planned", "create", "made"),
            step("done", "create", "made"),
            step("planned", "update", "changed"),
            step("planned", "create", "default", "pulumi:providers:aws"),
        ]
        found = unheard_creates(events, {}, state_lost=True)
        assert [one["inputs"]["bucket"] for one in found] == ["begun", "made"]
        assert unheard_creates(events, {}) == []

    def test_know_what_they_depend_on_from_the_plan(self) -> None:
        goal = {
            "provider": f"{PROVIDER}::id",
            "dependencies": ["a"],
            "propertyDependencies": {"bucket": ["a"]},
        }
        [found] = unheard_creates(failed(), {URN: goal})
        assert {key: found[key] for key in goal} == goal

    @pytest.mark.parametrize(
        "hidden", ["[secret]", ["[secret]"], {"a": [{"b": "[secret]"}]}, 'x: "[secret]"']
    )
    def test_leave_out_inputs_that_the_events_hide(self, hidden: Any) -> None:
        new = ResourceState(BUCKET, URN, inputs={"bucket": "uploads", "policy": hidden, "tags": {"a": "b"}})
        events: list[StackEvent] = [
            DiagnosticEvent("error", GONE, URN),
            StepEvent("failed", "create", URN, BUCKET, new=new),
        ]
        [found] = unheard_creates(events, {})
        assert found["inputs"] == {"bucket": "uploads", "tags": {"a": "b"}}
        assert found["additionalSecretOutputs"] == ["policy"]


class TestWithPending:
    def exported(self, *resources: dict[str, Any], pending: Any = ()) -> dict[str, Any]:
        return {"version": 3, "deployment": {"resources": resources, "pending_operations": list(pending)}}

    def pending(self, exported: dict[str, Any], goal: dict[str, Any], **given: Any) -> list[dict[str, Any]]:
        deployment = with_pending(exported, unheard_creates(failed(**given), {URN: goal}))["deployment"]
        return deployment["pending_operations"]

    def test_refers_to_what_is_there_alone(self) -> None:
        vpc = urn_of(STACK, VPC, "net")
        goal = {"dependencies": [vpc, "gone"], "propertyDependencies": {"a": [vpc, "gone"], "b": None}}
        [operation] = self.pending(self.exported({"urn": vpc}), goal, parent="gone")
        assert operation["type"] == "creating"
        assert operation["resource"] == {
            "urn": URN,
            "custom": True,
            "type": BUCKET,
            "inputs": {"bucket": "uploads"},
            "additionalSecretOutputs": [],
            "dependencies": [vpc],
            "propertyDependencies": {"a": [vpc], "b": []},
        }

    def test_names_the_provider_and_the_parent_that_the_state_has(self) -> None:
        resources = ({"urn": PROVIDER, "id": "real"}, {"urn": "parent"})
        goal = {"provider": f"{PROVIDER}::04da6b54-80e4-46f7-96ec-b56ff0331ba9"}
        [operation] = self.pending(self.exported(*resources), goal, parent="parent")
        assert operation["resource"]["provider"] == f"{PROVIDER}::real"
        assert operation["resource"]["parent"] == "parent"

    def test_adds_nothing_that_the_engine_knows_to_be_pending(self) -> None:
        known = {"type": "creating", "resource": {"urn": URN, "inputs": "the engine's"}}
        assert self.pending(self.exported(pending=[known]), {}) == [known]


@pytest.fixture
def staging(tmp_path: Path) -> Environment:
    return create_environment(tmp_path)


class TestMemory:
    def test_holds_until_it_is_settled(self, staging: Environment) -> None:
        remember_unheard(staging, STACK, failed(), None)
        assert [one["urn"] for one in read_unheard(staging, STACK)] == [URN]
        forget_unheard(staging, STACK)
        assert read_unheard(staging, STACK) == []

    def test_is_of_one_stack(self, staging: Environment) -> None:
        remember_unheard(staging, STACK, failed(), None)
        assert read_unheard(staging, "shop.staging.services") == []

    def test_adds_to_what_is_not_settled_yet(self, staging: Environment) -> None:
        remember_unheard(staging, STACK, failed(), None)
        remember_unheard(staging, STACK, failed(), None)
        assert len(read_unheard(staging, STACK)) == 2

    def test_keeps_nothing_of_an_ordinary_failure(self, staging: Environment) -> None:
        remember_unheard(staging, STACK, failed(message="VpcLimitExceeded"), None)
        assert list(staging.records.folder.glob("*.unheard.json")) == []

    def test_survives_a_plan_that_cannot_be_read(self, staging: Environment, tmp_path: Path) -> None:
        remember_unheard(staging, STACK, failed(), tmp_path / "no-such-plan.json")
        assert [one["dependencies"] for one in read_unheard(staging, STACK)] == [[]]

    def test_refuses_a_damaged_file(self, staging: Environment) -> None:
        remember_unheard(staging, STACK, failed(), None)
        [path] = staging.records.folder.glob("*.unheard.json")
        path.write_text("{")
        with pytest.raises(StateError, match="cannot read"):
            read_unheard(staging, STACK)


class TestOfASharedState:
    @pytest.fixture
    def machines(self, tmp_path: Path, postgres: PostgresServer) -> list[Environment]:
        """Two machines that deploy to one environment, whose state is in a database that has the engine's table."""
        url = postgres.new_database()
        with psycopg.connect(
            host=str(postgres.folder), user="postgres", dbname=state_place(url).shown.rsplit("/", 1)[-1]
        ) as database:
            database.execute("CREATE TABLE pulumi_state (key TEXT PRIMARY KEY, data JSON NOT NULL)")
        alone = [create_environment(tmp_path / name) for name in ("one", "other")]
        return [replace(each, engine=replace(each.engine, backend_url=url)) for each in alone]

    def test_is_known_on_every_machine_and_settled_by_any(self, machines: list[Environment]) -> None:
        one, other = machines
        remember_unheard(one, STACK, failed(), None)
        owe_refresh(one, STACK)
        assert [found["urn"] for found in read_unheard(other, STACK)] == [URN]
        assert refresh_is_owed(other, STACK)
        assert not refresh_is_owed(other, "shop.staging.services")
        assert is_unsettled(other, STACK, StackState({}, ""))
        forget_unheard(other, STACK)
        refresh_done(other, STACK)
        assert (read_unheard(one, STACK), refresh_is_owed(one, STACK)) == ([], False)

    def test_in_a_folder_is_known_there(self, tmp_path: Path) -> None:
        alone = [create_environment(tmp_path / name) for name in ("one", "other")]
        url = (tmp_path / "share").as_uri()
        one, other = (replace(each, engine=replace(each.engine, backend_url=url)) for each in alone)
        remember_unheard(one, STACK, failed(), None)
        assert [found["urn"] for found in read_unheard(other, STACK)] == [URN]

    def test_is_kept_here_while_its_place_is_out_of_reach(self, machines: list[Environment]) -> None:
        one, other = machines
        away = replace(one, engine=replace(one.engine, backend_url="postgres://me@127.0.0.1:1/states"))
        remember_unheard(away, STACK, failed(), None)
        remember_unheard(one, STACK, failed(), None)
        assert [len(read_unheard(each, STACK)) for each in (one, other)] == [2, 1]
        forget_unheard(one, STACK)
        assert [len(read_unheard(each, STACK)) for each in (one, other)] == [0, 0]


class TestRecovery:
    def test_adopts_what_was_unheard(self, staging: Environment) -> None:
        runner = FakeRunner()
        operation = StackOperation(OperationKind.EXPORT, STACK, staging.engine)
        write_state(operation, {"resources": []})
        remember_unheard(staging, STACK, failed(), None)
        state = look(runner, staging.engine, STACK)
        assert is_unsettled(staging, STACK, state)
        after = recover(runner, staging, STACK, state, lambda *asked: "found")
        assert [one["id"] for one in read_state(operation)["resources"]] == ["found"]
        assert not is_unsettled(staging, STACK, after)
