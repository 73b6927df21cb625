from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.errors import CREDENTIALS_HINT, AuthError, EngineDied, LockHeld, StateError
from stacks.fenced_runs import note_run
from stacks.operations import OperationKind, StackOperation
from stacks.recovery import _lookup_in, adopt_pending, is_unsettled, recover
from stacks.refresh_owed import owe_refresh
from stacks.started_engines import witness_of
from stacks.state import StackState, look
from stacks.target import Environment
from tests.engine_state import checkpoint_file, ended_pid, lock_folder, write_lock, write_state
from tests.factories import create_environment
from tests.fake_programs import BUCKET, VPC, urn_of
from tests.fakes import FakeRunner

STACK = "shop.staging.data"


def resource(name: str, resource_type: str = BUCKET, **more: Any) -> dict[str, Any]:
    return {
        "urn": urn_of(STACK, resource_type, name),
        "type": resource_type,
        "custom": True,
        "inputs": {"bucket": name},
        **more,
    }


def exported(*resources: Mapping[str, Any], pending: Collection[Mapping[str, Any]] = ()) -> dict[str, Any]:
    return {
        "version": 3,
        "deployment": {
            "manifest": {"magic": "x"},
            "resources": list(resources),
            "pending_operations": [{"resource": one, "type": "creating"} for one in pending],
        },
    }


class Cloud:
    """Answers look-ups from a table of names, and remembers what it was asked."""

    def __init__(self, **ids: str) -> None:
        self.ids = ids
        self.asked: list[tuple[str, str, set[str]]] = []

    def __call__(
        self, resource_type: str, inputs: Mapping[str, Any], region: str, known: Collection[str]
    ) -> str | None:
        self.asked.append((resource_type, region, set(known)))
        found = self.ids.get(inputs["bucket"])
        return None if found in known else found


def ids(settled: Mapping[str, Any]) -> list[str | None]:
    return [one.get("id") for one in settled["deployment"]["resources"]]


class TestAdoptPending:
    def test_adopts_what_the_cloud_has(self) -> None:
        settled = adopt_pending(exported(pending=[resource("a")]), Cloud(a="id-a"), "us-east-1")
        [adopted] = settled["deployment"]["resources"]
        assert adopted == resource("a", id="id-a", outputs={"bucket": "a"})
        assert settled["deployment"]["pending_operations"] == []

    def test_drops_what_the_cloud_has_not(self) -> None:
        settled = adopt_pending(exported(pending=[resource("a")]), Cloud(), "us-east-1")
        assert settled["deployment"]["resources"] == []
        assert settled["deployment"]["pending_operations"] == []

    def test_keeps_the_rest_as_it_was(self) -> None:
        given = exported(resource("b", id="id-b"), pending=[resource("a")])
        settled = adopt_pending(given, Cloud(), "us-east-1")
        assert settled["version"] == 3
        assert settled["deployment"]["manifest"] == {"magic": "x"}
        assert settled["deployment"]["resources"] == [resource("b", id="id-b")]
        assert given == exported(resource("b", id="id-b"), pending=[resource("a")]), (
            "its argument is unchanged"
        )

    def test_keeps_what_it_knows_already(self) -> None:
        given = exported(resource("a", id="id-a"), pending=[resource("a")])
        assert ids(adopt_pending(given, Cloud(a="id-a"), "us-east-1")) == ["id-a"]

    def test_adopts_one_of_two_attempts(self) -> None:
        given = exported(pending=[resource("a"), resource("a")])
        assert ids(adopt_pending(given, Cloud(a="id-a"), "us-east-1")) == ["id-a"]

    def test_leaves_the_replaced_one_to_be_deleted(self) -> None:
        old = resource("a", id="id-old", outputs={"arn": "arn:old"})
        cloud = Cloud(a="id-new")
        settled = adopt_pending(exported(old, pending=[resource("a")]), cloud, "us-east-1")
        assert [(one["id"], one.get("delete", False)) for one in settled["deployment"]["resources"]] == [
            ("id-old", True),
            ("id-new", False),
        ]
        assert cloud.asked == [(BUCKET, "us-east-1", {"id-old", "arn:old"})]

    def test_puts_the_new_one_in_the_place_of_one_that_was_deleted_first(self) -> None:
        old = resource("a", id="same-name", pendingReplacement=True)
        settled = adopt_pending(exported(old, pending=[resource("a")]), Cloud(a="same-name"), "us-east-1")
        assert settled["deployment"]["resources"] == [
            resource("a", id="same-name", outputs={"bucket": "a"}),
        ]

    def test_keeps_the_entry_of_one_that_was_deleted_first_and_not_made_again(self) -> None:
        old = resource("a", id="same-name", pendingReplacement=True)
        settled = adopt_pending(exported(old, pending=[resource("a")]), Cloud(), "us-east-1")
        assert settled["deployment"]["resources"] == [old]

    def test_looks_in_the_region_of_the_resource(self) -> None:
        cloud = Cloud()
        there = resource("a", inputs={"bucket": "a", "region": "eu-west-1"})
        adopt_pending(exported(pending=[there, resource("b")]), cloud, "us-east-1")
        assert [region for _, region, _ in cloud.asked] == ["eu-west-1", "us-east-1"]

    @pytest.mark.parametrize(
        "group",
        [
            resource("a", "cygni:data:Bucket", custom=False),
            resource("a", "pulumi:providers:aws"),
        ],
    )
    def test_asks_the_cloud_for_nothing_that_is_not_in_it(self, group: Mapping[str, Any]) -> None:
        cloud = Cloud(a="id-a")
        assert ids(adopt_pending(exported(pending=[group]), cloud, "us-east-1")) == []
        assert cloud.asked == []

    @pytest.mark.parametrize("kind", ["updating", "deleting", "reading", "importing"])
    def test_leaves_other_operations_to_the_refresh(self, kind: str) -> None:
        given = exported(resource("a", id="id-a"))
        given["deployment"]["pending_operations"] = [{"resource": resource("a", id="id-a"), "type": kind}]
        cloud = Cloud(a="id-b")
        settled = adopt_pending(given, cloud, "us-east-1")
        assert (ids(settled), cloud.asked) == (["id-a"], [])
        assert settled["deployment"]["pending_operations"] == []

    def test_takes_a_state_without_resources(self) -> None:
        given = {"version": 3, "deployment": {"pending_operations": None}}
        assert adopt_pending(given, Cloud(), "us-east-1") == {
            "version": 3,
            "deployment": {"resources": [], "pending_operations": []},
        }


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return create_environment(tmp_path)


@pytest.fixture
def shared(tmp_path: Path) -> Environment:
    """An environment whose state is in a folder that other machines reach too."""
    (tmp_path / "here").mkdir()
    alone = create_environment(tmp_path / "here")
    return replace(alone, engine=replace(alone.engine, backend_url=(tmp_path / "share").as_uri()))


def left(environment: Environment, **latest: Any) -> tuple[FakeRunner, StackOperation]:
    """A runner, and a stack as an engine has left it."""
    operation = StackOperation(kind=OperationKind.EXPORT, stack=STACK, settings=environment.engine)
    write_state(operation, {"resources": [], "pending_operations": [], **latest})
    return FakeRunner(), operation


def seen(runner: FakeRunner, environment: Environment) -> StackState:
    return look(runner, environment.engine, STACK)


class TestRecover:
    def test_removes_a_dead_engines_lock(self, environment: Environment) -> None:
        runner, operation = left(environment)
        write_lock(lock_folder(operation), ended_pid())
        state = recover(runner, environment, STACK, seen(runner, environment))
        assert runner.calls == ["data cancel"]
        assert not state.unsettled

    def test_removes_no_lock_in_a_state_that_others_share_by_the_name_of_its_host(
        self, shared: Environment
    ) -> None:
        runner, operation = left(shared)
        lock = write_lock(lock_folder(operation), ended_pid())
        with pytest.raises(LockHeld, match="is being worked on by an engine") as caught:
            recover(runner, shared, STACK, seen(runner, shared), patience=0)
        assert f"cx unlock -e staging --force {STACK}" in (caught.value.hint or "")
        assert (runner.calls, lock.exists()) == ([], True)

    def test_removes_the_lock_in_a_shared_state_of_an_engine_that_was_started_here(
        self, shared: Environment
    ) -> None:
        runner, operation = left(shared)
        pid = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "60")
        witness_of(shared.engine).began(STACK, pid)
        write_lock(lock_folder(operation), pid)
        with pytest.raises(LockHeld):
            recover(runner, shared, STACK, seen(runner, shared), patience=0)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert not recover(runner, shared, STACK, seen(runner, shared), patience=0).unsettled
        assert runner.calls == ["data cancel"]

    def test_removes_the_lock_of_an_earlier_lease_on_a_host_that_is_no_more(
        self, shared: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runner, operation = left(shared)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(socket, "gethostname", lambda: "container-1")
            note_run(replace(shared, fence=7))
            write_lock(lock_folder(operation), 1)
        for fence in (None, 7):
            with pytest.raises(LockHeld, match="pid 1 on container-1"):
                recover(runner, replace(shared, fence=fence), STACK, seen(runner, shared), patience=0)
        taken = replace(shared, fence=8)
        assert not recover(runner, taken, STACK, seen(runner, shared), patience=0).unsettled
        assert runner.calls == ["data cancel"]

    def test_waits_for_an_engine_that_outlives_its_lease(self, shared: Environment) -> None:
        runner, operation = left(shared)
        note_run(replace(shared, fence=7))
        lock = write_lock(lock_folder(operation), 1)
        threading.Timer(0.5, lock.unlink).start()
        recover(runner, replace(shared, fence=8), STACK, seen(runner, shared))
        assert runner.calls == [], "its lock is taken from no engine that may live"

    def test_under_a_lease_leaves_the_lock_alone_of_who_works_beside_it(self, shared: Environment) -> None:
        runner, operation = left(shared)
        note_run(replace(shared, fence=7))
        lock = write_lock(lock_folder(operation), 1, "laptop")
        with pytest.raises(LockHeld, match="on laptop"):
            recover(runner, replace(shared, fence=8), STACK, seen(runner, shared), patience=0)
        assert lock.exists()

    def test_removes_a_note_that_keeps_the_engine_from_its_own_state(self, environment: Environment) -> None:
        runner, operation = left(environment)
        file = checkpoint_file(operation)
        note = file.with_name(f"{file.name}.attrs")
        note.write_text("")
        state = seen(runner, environment)
        assert is_unsettled(environment, STACK, state)
        assert not recover(runner, environment, STACK, state).unsettled
        assert not note.exists()

    def test_settles_what_is_pending_and_reads_what_it_adopts(self, environment: Environment) -> None:
        runner, _ = left(environment, pending_operations=[{"resource": resource("a"), "type": "creating"}])
        state = recover(runner, environment, STACK, seen(runner, environment), Cloud(a="id-a"))
        assert runner.calls == ["data export", "data import", "data refresh"]
        assert [one["id"] for one in state.resources] == ["id-a"]
        assert not state.unsettled

    @pytest.mark.parametrize("failing", ["data import", "data refresh"])
    def test_goes_on_where_one_before_ended(self, environment: Environment, failing: str) -> None:
        runner, _ = left(environment, pending_operations=[{"resource": resource("a"), "type": "creating"}])
        runner.failing[failing] = EngineDied("killed")
        with pytest.raises(EngineDied):
            recover(runner, environment, STACK, seen(runner, environment), Cloud(a="id-a"))
        state = seen(runner, environment)
        assert is_unsettled(environment, STACK, state)
        state = recover(runner, environment, STACK, state, Cloud(a="id-a"))
        assert runner.calls[-1] == "data refresh"
        assert [one["id"] for one in state.resources] == ["id-a"]
        assert not is_unsettled(environment, STACK, state)

    def test_owes_no_refresh_to_a_stack_that_is_no_more(self, environment: Environment) -> None:
        owe_refresh(environment, STACK)
        runner = FakeRunner()
        state = recover(runner, environment, STACK, seen(runner, environment))
        assert runner.calls == []
        assert not is_unsettled(environment, STACK, state)

    def test_waits_for_an_engine_that_is_ending(self, environment: Environment) -> None:
        runner, operation = left(environment)
        lock = write_lock(lock_folder(operation), os.getpid())
        threading.Timer(0.3, lock.unlink).start()
        began = time.monotonic()
        recover(runner, environment, STACK, seen(runner, environment), patience=30)
        assert runner.calls == []
        assert 0.2 < time.monotonic() - began < 20

    def test_leaves_a_live_engine_alone(self, environment: Environment) -> None:
        runner, operation = left(environment)
        lock = write_lock(lock_folder(operation), os.getpid())
        with pytest.raises(LockHeld, match=f"pid {os.getpid()} on {socket.gethostname()}"):
            recover(runner, environment, STACK, seen(runner, environment), patience=0.1)
        assert lock.exists()
        assert runner.calls == []

    def test_names_the_lock_of_a_machine_that_may_be_no_more(self, environment: Environment) -> None:
        runner, operation = left(environment)
        write_lock(lock_folder(operation), 1, "elsewhere")
        with pytest.raises(LockHeld) as caught:
            recover(runner, environment, STACK, seen(runner, environment), patience=0)
        assert f"cx unlock -e staging --force {STACK}" in (caught.value.hint or "")


class TestLookup:
    VPC = (VPC, {"tagsAll": {"cygni:urn": "x"}}, "us-east-1", ())

    def test_that_cannot_ask_says_what_to_do(self, tmp_path: Path) -> None:
        local = create_environment(tmp_path, "local")
        with pytest.raises(StateError, match="cannot be looked up") as caught:
            _lookup_in(local)(*self.VPC)
        assert "cygni:urn" in (caught.value.hint or "")

    def test_without_an_input_that_it_goes_by_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lookup(*asked: Any, **more: Any) -> str:
            raise KeyError("family")

        monkeypatch.setattr("cygni.local_cloud.provider.lookup.lookup", lookup)
        with pytest.raises(StateError, match="cannot be looked up without its 'family'"):
            _lookup_in(create_environment(tmp_path, "local"))(*self.VPC)

    def test_asks_aws_as_the_caller(self, environment: Environment, caller: pytest.MonkeyPatch) -> None:
        with pytest.raises(AuthError, match="Unable to locate credentials") as caught:
            _lookup_in(environment)(*self.VPC)
        assert "cygni:urn" not in (caught.value.hint or "")

    @pytest.mark.parametrize("code", ["ExpiredToken", "UnauthorizedOperation"])
    def test_without_the_right_to_it_is_a_matter_of_credentials(
        self, environment: Environment, caller: pytest.MonkeyPatch, code: str
    ) -> None:
        def refuse(*asked: Any, **more: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "No."}}, "DescribeVpcs")

        caller.setattr("botocore.client.BaseClient._make_api_call", refuse)
        with pytest.raises(AuthError, match=code) as caught:
            _lookup_in(environment)(*self.VPC)
        assert (caught.value.hint or "").startswith(CREDENTIALS_HINT)

    def test_finds_with_the_callers_credentials(
        self, environment: Environment, caller: pytest.MonkeyPatch
    ) -> None:
        caller.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        caller.setenv("AWS_SECRET_ACCESS_KEY", "example")
        asked: list[Any] = []

        def answer(client: Any, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
            keys = client._request_signer._credentials.access_key  # botocore has no public way
            asked.append((client.meta.endpoint_url, operation, keys))
            tags = [{"Key": "cygni:urn", "Value": "x"}]
            vpc = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": tags}
            attribute = {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}}
            rest = {"RouteTables": [], "NetworkAcls": [], "SecurityGroups": [], "Account": "1"}
            return {"Vpcs": [vpc], **attribute, **rest}

        caller.setattr("botocore.client.BaseClient._make_api_call", answer)
        assert _lookup_in(environment)(*self.VPC) == "vpc-1"
        assert asked[0] == ("https://ec2.us-east-1.amazonaws.com", "DescribeVpcs", "AKIAEXAMPLE")
        assert all(operation.startswith(("Describe", "Get")) for _, operation, _ in asked)


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Somebody without any credentials or endpoints, and no way to ask for them over the network."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch
