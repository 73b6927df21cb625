from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import StateError
from stacks.engine_locks import EngineLock
from stacks.operations import OperationKind, StackOperation
from stacks.state import file_backend, look, look_in_folder, stored_salt
from tests.engine_state import write_lock
from tests.factories import create_environment
from tests.fakes import FakeRunner

STACK = "shop.staging.data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def checkpoint(folder: Path, content: str) -> Path:
    path = folder / ".pulumi" / "stacks" / "cygni" / f"{STACK}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def latest(**values: Any) -> str:
    return json.dumps({"version": 3, "checkpoint": {"stack": STACK, "latest": values}})


def locks(folder: Path) -> Path:
    return folder / ".pulumi" / "locks" / "organization" / "cygni" / STACK


class TestLook:
    def test_sees_no_stack_where_there_is_no_file(self, folder: Path) -> None:
        state = look_in_folder(folder, STACK)
        assert (state.exists, state.fingerprint, state.resources, state.pending) == (False, "", [], [])

    def test_sees_resources_and_what_is_pending(self, folder: Path) -> None:
        checkpoint(folder, latest(resources=[{"urn": "a"}], pending_operations=[{"type": "creating"}]))
        state = look_in_folder(folder, STACK)
        assert state.exists
        assert state.resources == [{"urn": "a"}]
        assert state.pending == [{"type": "creating"}]
        assert state.unsettled

    def test_takes_a_new_stack_for_an_empty_one(self, folder: Path) -> None:
        checkpoint(folder, '{"version": 3, "checkpoint": {"latest": null}}')
        state = look_in_folder(folder, STACK)
        assert (state.exists, state.resources, state.unsettled) == (True, [], False)

    def test_tells_states_apart(self, folder: Path) -> None:
        checkpoint(folder, latest(resources=[]))
        one = look_in_folder(folder, STACK).fingerprint
        assert look_in_folder(folder, STACK).fingerprint == one
        checkpoint(folder, latest(resources=[{"urn": "a"}]))
        assert look_in_folder(folder, STACK).fingerprint != one

    @pytest.mark.parametrize(
        "content",
        [
            "",
            '{"version": 3, "checkpoint": {"latest": {"resou',
            "[]",
            "{}",
            '{"checkpoint": []}',
            '{"checkpoint": {"latest": [1]}}',
            "\x00" * 100,
        ],
    )
    def test_says_which_file_cannot_be_read(self, folder: Path, content: str) -> None:
        path = checkpoint(folder, content)
        with pytest.raises(StateError, match="cut off or damaged") as caught:
            look_in_folder(folder, STACK)
        assert str(path) in caught.value.message
        assert "cx deploy" in (caught.value.hint or "")

    def test_says_so_where_a_folder_is_in_the_way(self, folder: Path) -> None:
        (folder / ".pulumi" / "stacks" / "cygni" / f"{STACK}.json").mkdir(parents=True)
        with pytest.raises(StateError, match="directory"):
            look_in_folder(folder, STACK)

    def test_asks_the_engine_where_the_backend_shows_no_files(self, tmp_path: Path) -> None:
        environment = create_environment(tmp_path)
        runner = FakeRunner()
        init = StackOperation(kind=OperationKind.INIT, stack=STACK, settings=environment.engine)
        runner.run(init, lambda event: None)

        class Elsewhere:
            def run(self, operation: StackOperation, on_event: Any) -> Any:
                there = StackOperation(kind=operation.kind, stack=operation.stack, settings=init.settings)
                return runner.run(there, on_event)

        settings = replace(environment.engine, backend_url="https://api.pulumi.com")
        state = look(Elsewhere(), settings, STACK)
        assert (state.exists, state.resources, state.locked) == (True, [], False)
        assert runner.calls == ["data init", "data export"]
        assert not look(Elsewhere(), settings, "shop.staging.services").exists


class TestStoredSalt:
    def test_is_the_one_the_state_was_encrypted_with(self, folder: Path) -> None:
        settings = create_environment(folder.parent).engine
        assert stored_salt(settings, STACK) is None
        checkpoint(folder, latest(secrets_providers={"type": "passphrase", "state": {"salt": "v1:abc"}}))
        assert stored_salt(settings, STACK) == "v1:abc"

    @pytest.mark.parametrize(
        "providers", [{}, {"type": "cloud", "state": {"salt": "v1:abc"}}, {"type": "passphrase"}, None]
    )
    def test_is_none_of_another_provider(self, folder: Path, providers: Any) -> None:
        checkpoint(folder, latest(secrets_providers=providers))
        assert stored_salt(create_environment(folder.parent).engine, STACK) is None

    def test_is_none_of_a_state_that_cannot_be_read(self, folder: Path) -> None:
        checkpoint(folder, "cut o")
        assert stored_salt(create_environment(folder.parent).engine, STACK) is None


class TestFileBackend:
    def test_is_the_folder_of_a_file_url(self, tmp_path: Path) -> None:
        folder = tmp_path / "with a space"
        assert file_backend(folder.as_uri()) == folder

    @pytest.mark.parametrize("url", ["s3://bucket", "postgres://host/db", "https://api.pulumi.com", ""])
    def test_is_none_of_the_others(self, url: str) -> None:
        assert file_backend(url) is None


class TestLocks:
    def test_are_seen_with_who_made_them(self, folder: Path) -> None:
        checkpoint(folder, latest())
        path = write_lock(locks(folder), 4711, "elsewhere", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        state = look_in_folder(folder, STACK)
        key = path.relative_to(folder).as_posix()
        assert state.locks == (EngineLock(key, 4711, "elsewhere", 1767323045.0, "somebody"),)
        assert state.unsettled
        assert state.locks[0].holder.startswith("an engine (pid 4711 on elsewhere, since 2026-01-0")

    def test_that_were_cut_off_are_nobodys(self, folder: Path) -> None:
        checkpoint(folder, latest())
        locks(folder).mkdir(parents=True)
        (locks(folder) / "half.json").write_text('{"pid": 47')
        [lock] = look_in_folder(folder, STACK).locks
        assert lock == EngineLock(f".pulumi/locks/organization/cygni/{STACK}/half.json")

    def test_understand_the_engines_nanoseconds(self, folder: Path) -> None:
        checkpoint(folder, latest())
        path = write_lock(locks(folder), 4711)
        path.write_text(path.read_text().replace("+00:00", "Z"))
        said = json.loads(path.read_text())
        path.write_text(json.dumps({**said, "timestamp": "2026-01-02T03:04:05.123456789+01:00"}))
        [lock] = look_in_folder(folder, STACK).locks
        assert lock.since == pytest.approx(1767319445.123456)


class TestNotes:
    """The engine writes a note beside each file of its state, in place: a kill can cut it off."""

    def test_that_were_cut_off_leave_the_stack_unsettled(self, folder: Path) -> None:
        file = checkpoint(folder, latest())
        note = file.with_name(f"{file.name}.attrs")
        note.write_text('{"user.content_type": "text/plain"}')
        assert look_in_folder(folder, STACK).torn == ()
        note.write_text("")
        state = look_in_folder(folder, STACK)
        assert state.torn == (note,)
        assert state.unsettled

    def test_of_other_stacks_are_not_looked_at(self, folder: Path) -> None:
        file = checkpoint(folder, latest())
        file.with_name("other.local.data.json.attrs").write_text("")
        assert look_in_folder(folder, STACK).torn == ()
