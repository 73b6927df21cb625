"""What `cx` is asked for, what it gets, and what is read of what it tells."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import CREDENTIALS_HINT, PreflightFailed, SpecError, StateError, UsageError
from platform_api.keys import ServerKey
from platform_api.sources.archive import unpack
from platform_api.worker import cx_runner
from platform_api.worker.cx_runner import (
    CxRunner,
    Events,
    arguments,
    child_environment,
    domains_file,
    lay_out,
    lay_out_passphrase,
    left_over,
    outcome,
    secrets_file,
    steered,
    steering_arguments,
)
from platform_api.worker.heartbeat import Heartbeat, Wished
from platform_api.worker.runner import Order, Outcome, Task
from platform_api.worker.timing import Timing
from stacks.given_domains import GivenDomain, given_domains
from stacks.kept_secrets import GivenSecret, given_secrets
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.server_key import KEY

NOBODY = uuid.UUID(int=0)
ENDED = {"event": "ended", "error": None}
PLACE = ["--here", "--app", "/in", "--env", "staging", "--json"]
WAIT = ["--lock-wait", "60s"]


def order(task: Task = Task.PLAN, **more: Any) -> Order:
    return Order(
        **{
            "task": task,
            "organization": NOBODY,
            "deployment": NOBODY,
            "fence": 7,
            "project": "shop",
            "environment": "staging",
            "archive": archive(),
            **more,
        }
    )


class TestArguments:
    def test_of_a_plan_do_not_say_yes(self) -> None:
        found = arguments(order(allow_destroy=("uploads",)), Path("/in"))
        assert found == ["deploy", *PLACE, *WAIT, "--currency", "USD", "--allow-destroy", "uploads"]

    def test_of_an_apply_hold_it_to_the_plan(self) -> None:
        found = arguments(order(Task.APPLY, plan="abc"), Path("/in"))
        assert found == ["deploy", *PLACE, *WAIT, "--currency", "USD", "--yes", "--expect-plan", "abc"]

    def test_of_a_rollback_name_the_release(self) -> None:
        assert arguments(order(Task.ROLL_BACK, release=41), Path("/in")) == ["rollback", "41", *PLACE, *WAIT]
        assert arguments(order(Task.ROLL_BACK), Path("/in")) == ["rollback", *PLACE, *WAIT]

    def test_of_what_is_done_outright_have_what_it_was_told(self) -> None:
        told = {
            Task.SCALE: ({"counts": {"web": 4, "mailer": 0}}, ["scale", "web=4", "mailer=0", *PLACE, *WAIT]),
            Task.RESTART: ({"services": ["web"]}, ["restart", "web", *PLACE, *WAIT]),
            Task.RUN: (
                {"job": "migrate", "wait": False},
                ["run", "migrate", "--no-wait", "--token", str(NOBODY), *PLACE],
            ),
            Task.STOP: (
                {"job": "migrate", "wait": True},
                ["run", "migrate", "--started", "stop", "--token", str(NOBODY), *PLACE],
            ),
        }
        for task, (given, wanted) in told.items():
            assert arguments(order(task, arguments=given), Path("/in")) == wanted

    def test_of_an_end_do_not_say_yes_before_its_plan_is_looked_at(self) -> None:
        asked = ["destroy", *PLACE, *WAIT, "--currency", "USD", "--allow-destroy", "main"]
        assert arguments(order(Task.PLAN_END, allow_destroy=("main",)), Path("/in")) == asked
        found = arguments(order(Task.DESTROY, allow_destroy=("main",), plan="abc"), Path("/in"))
        assert found == [*asked, "--yes", "--expect-plan", "abc"]

    def test_of_a_diff_judge_its_cost(self) -> None:
        found = arguments(order(Task.DIFF, refresh=True, max_cost_increase="10%"), Path("/in"))
        assert found == ["diff", *PLACE, "--currency", "USD", "--refresh", "--max-cost-increase", "10%"]

    def test_have_how_long_a_stack_may_take(self) -> None:
        for task in (Task.DIFF, Task.PLAN, Task.APPLY, Task.PLAN_END, Task.DESTROY):
            found = arguments(order(task, arguments={"timeout": 300}), Path("/in"))
            assert found[found.index("--timeout") + 1] == "300s"

    def test_of_a_wish_name_the_command_for_it(self) -> None:
        assert steering_arguments(order(), Path("/in"), "pause") == ["pause", *PLACE]
        assert steering_arguments(order(), Path("/in"), "promote_full") == ["promote", "--full", *PLACE]


def test_a_wish_that_nobody_heard_is_told_with_the_reason() -> None:
    error: dict[str, Any] = {
        "code": "not_found",
        "message": "no release is under way",
        "hint": None,
        "details": {},
    }
    assert steered(Wished(7, "pause"), Outcome()) == [{"event": "steered", "wish": "pause", "number": 7}]
    assert steered(Wished(7, "pause"), Outcome(error=error))[0]["text"] == "pause: no release is under way"


def test_cx_gets_nothing_of_the_server() -> None:
    given = {
        "PATH": "/bin",
        "AWS_PROFILE": "deploy",
        "CYGNI_STATE": "s3://states",
        "CYGNI_DATABASE_URL": "postgres://secret",
        "CYGNI_SERVER_KEY_FILE": "/key",
        "CYGNI_DATA_DIR": "/data",
        "CYGNI_API_KEY": "secret",
        "CYGNI_METRICS_TOKEN": "secret",
        "STRIPE_KEY": "secret",
    }
    assert child_environment(given, Path("/worker"), NOBODY) == {
        "PATH": "/bin",
        "AWS_PROFILE": "deploy",
        "CYGNI_STATE": "s3://states",
        "CYGNI_DATA_DIR": f"/worker/organizations/{NOBODY}",
        "CI": "1",
    }


class TestPassphrase:
    """Of the states of an organization, in the folder of a worker."""

    def laid_out(self, folder: Path, organization: uuid.UUID = NOBODY, key: ServerKey = KEY) -> Path:
        lay_out_passphrase(key, {}, folder, organization)
        return folder / "organizations" / str(organization) / "passphrase"

    def test_is_the_same_on_every_host_and_another_for_each_organization_and_server(
        self, tmp_path: Path
    ) -> None:
        here, there = (self.laid_out(tmp_path / name).read_text() for name in ("here", "there"))
        others = [
            self.laid_out(tmp_path / "here", uuid.UUID(int=1)).read_text(),
            self.laid_out(tmp_path / "other", key=ServerKey(b"o" * 32)).read_text(),
        ]
        assert (here == there, len({here, *others})) == (True, 3)

    def test_of_a_key_never_changes(self) -> None:
        """States are encrypted with it: this is HKDF-SHA256 of the key for `cygni state passphrase ID`."""
        known = "25eda4490a6292358fd7f712eef8646ad899b6a234a65ca8b6f9ad17f7bde030"
        assert KEY.state_passphrase(NOBODY) == known

    def test_is_where_cx_looks_for_it_and_its_owner_alone_reads_it(self, tmp_path: Path) -> None:
        file = self.laid_out(tmp_path)
        assert file.parent == Path(child_environment({}, tmp_path, NOBODY)["CYGNI_DATA_DIR"])
        assert (file.stat().st_mode | file.parent.stat().st_mode) & 0o077 == 0

    def test_of_states_from_before_stays(self, tmp_path: Path) -> None:
        file = tmp_path / "organizations" / str(NOBODY) / "passphrase"
        file.parent.mkdir(parents=True)
        file.write_text("of before")
        assert self.laid_out(tmp_path).read_text() == "of before"

    def test_of_the_workers_own_environment_is_that_of_all(self, tmp_path: Path) -> None:
        given = {"CYGNI_PASSPHRASE_FILE": "/etc/passphrase"}
        lay_out_passphrase(KEY, given, tmp_path, NOBODY)
        assert list(tmp_path.iterdir()) == []
        assert child_environment(given, tmp_path, NOBODY)["CYGNI_PASSPHRASE_FILE"] == "/etc/passphrase"

    def test_that_cannot_be_made_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "organizations").write_text("")
        with pytest.raises(StateError, match="passphrase"):
            self.laid_out(tmp_path)


class TestEvents:
    def test_are_read_as_the_file_grows_and_never_by_halves(self, tmp_path: Path) -> None:
        file = tmp_path / "events.ndjson"
        events = Events(file)
        assert list(events.new()) == []
        written = '{"event": "started"}\n{"event": "said", "text": "ä"}\n{"event": "ended", "error": null}\n'
        found = []
        for byte in written.encode():
            with file.open("ab") as out:
                out.write(bytes([byte]))
            found += list(events.new())
        assert found == [{"event": "said", "text": "ä"}]
        assert events.ended == {"event": "ended", "error": None}


class TestOutcome:
    @pytest.mark.parametrize(
        ("answer", "release"),
        [
            ({"release": {"release": 4}}, 4),
            ({"release": None}, None),
            ({"release": 3, "kind": "rollback"}, 3),
            (None, None),
        ],
    )
    def test_has_the_release_of_a_deploy_and_of_a_rollback(
        self, answer: dict[str, Any] | None, release: int | None
    ) -> None:
        assert outcome(0, json.dumps(answer), ENDED) == Outcome(release, answer)

    def test_has_the_error_that_was_told(self) -> None:
        error: dict[str, Any] = {"code": "policy_violation", "message": "no", "hint": None, "details": {}}
        assert outcome(5, "", {**ENDED, "error": error}).error == error

    def test_tells_whose_credentials_are_missing(self) -> None:
        error = {
            "code": "auth_failed",
            "message": "no",
            "hint": f"{CREDENTIALS_HINT} Then go on.",
            "details": {},
        }
        found = outcome(4, "", {**ENDED, "error": error}).error
        assert found is not None
        assert found["hint"].startswith("These are the credentials of the control plane's worker, not yours.")
        assert found["hint"].endswith(" Then go on.")
        assert "aws sso login" not in found["hint"]

    def test_of_a_program_that_told_no_end_is_that_it_was_killed(self) -> None:
        found = outcome(137, "", None).error
        assert found is not None
        assert found["code"] == "deploy_killed"


def test_secrets_are_in_a_file_that_its_owner_alone_reads(tmp_path: Path) -> None:
    given = order(secrets={"TOKEN": GivenSecret("version-1", "hunter2")})
    file = secrets_file(given, tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    assert given_secrets({"CYGNI_SECRETS_FILE": str(file)}) == given.secrets
    assert "hunter2" not in repr(given) + " ".join(arguments(given, tmp_path))


def test_domains_are_in_a_file_in_their_order(tmp_path: Path) -> None:
    given = order(domains=(GivenDomain("b.test", "arn:b"), GivenDomain("a.test", "arn:a")))
    file = domains_file(given, tmp_path)
    assert given_domains({"CYGNI_DOMAINS_FILE": str(file)}) == given.domains


def test_what_killed_workers_left_is_found_and_nothing_of_those_at_work(tmp_path: Path) -> None:
    mine, other, lost = (uuid.uuid4() for _ in range(3))
    for name in (f"{mine}-1-plan", f"{other}-2-apply", f"{lost}-3-apply"):
        (tmp_path / name).mkdir()
    now = time.time()
    os.utime(tmp_path / f"{lost}-3-apply", (now - 90_000, now - 90_000))
    found = {one.name for one in left_over(tmp_path, mine, now)}
    assert found == {f"{mine}-1-plan", f"{lost}-3-apply"}
    assert left_over(tmp_path / "none", mine, now) == []


def test_a_folder_is_unpacked_while_others_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = threading.Event()

    def slow(content: bytes, folder: Path) -> None:
        assert served.wait(60), "nobody is served meanwhile"
        unpack(content, folder)

    async def both() -> None:
        unpacking = asyncio.create_task(lay_out(archive(), tmp_path / "source", "shop", "staging"))
        await asyncio.sleep(0)
        served.set()
        await unpacking

    monkeypatch.setattr(cx_runner, "unpack", slow)
    asyncio.run(both())
    assert (tmp_path / "source" / "cygni.yaml").exists()


class TestRun:
    def refused(self, tmp_path: Path, wanted: Order, error: type[Exception]) -> str:
        runner = CxRunner(tmp_path, {}, Timing(), KEY, local=False)
        heartbeat: Heartbeat = None  # type: ignore[assignment]  # nothing is begun that it could stop

        async def tell(events: object) -> None:
            raise AssertionError(events)

        with pytest.raises(error) as raised:
            asyncio.run(runner.run(wanted, heartbeat, tell))
        assert not [one for one in tmp_path.rglob("*") if one.is_file()]
        return str(raised.value)

    def test_refuses_the_local_cloud_where_that_is_not_wanted(self, tmp_path: Path) -> None:
        self.refused(tmp_path, order(environment="local"), PreflightFailed)

    def test_refuses_a_folder_of_another_project(self, tmp_path: Path) -> None:
        told = self.refused(tmp_path, order(project="blog"), UsageError)
        assert told == "the cygni.yaml that was sent is of the project 'shop', not 'blog'"

    def test_refuses_what_is_no_specification_or_no_archive(self, tmp_path: Path) -> None:
        self.refused(tmp_path, order(archive=archive("project: [")), SpecError)
        self.refused(tmp_path, order(archive=b"\x1f\x8b"), UsageError)


class _Cx:
    """A run of `cx` that tells a line each time somebody looks."""

    def __init__(self, told: Path, output: Path, lines: list[str]) -> None:
        told.mkdir(parents=True)
        output.write_text("null")
        self._file, self._lines = told / "events.ndjson", lines
        self.code: int | None = None

    async def look(self) -> None:
        with self._file.open("a") as out:
            out.write(self._lines.pop(0) + "\n")
        self.code = None if self._lines else 0


class _AskedToAbort(Heartbeat):
    def __init__(self) -> None:
        self._wishes = [Wished(3, "abort")]

    def take_wish(self) -> Wished | None:
        return self._wishes.pop() if self._wishes else None


def test_a_wish_waits_until_the_release_has_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, ended = '{"event": "began"}', json.dumps(ENDED)
    happened: list[Any] = []

    @asynccontextmanager
    async def supervised(command: list[str], *, output: Path, **_: Any) -> AsyncIterator[_Cx]:
        verb = command[5]
        lines = ['{"event": "said", "text": "."}', began, ended] if verb == "deploy" else [ended]
        happened.append(verb)
        yield _Cx(Path(command[4]), output, lines)

    async def tell(events: Any) -> None:
        happened.extend(one["event"] for one in events)

    monkeypatch.setattr(cx_runner, "supervised", supervised)
    runner = CxRunner(tmp_path, {}, Timing(), KEY, local=False)
    asyncio.run(runner.run(order(Task.APPLY), _AskedToAbort(), tell))
    assert happened == ["deploy", "said", "began", "abort", "steered"]
