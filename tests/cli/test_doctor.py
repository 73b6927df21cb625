"""`cx doctor` itself, and its quick form before a deploy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cygni.doctor import running
from cygni.settings import Settings
from stacks.engine_locks import locks_folder
from stacks.state import checkpoint_path
from stacks.target import state_folder
from tests.cli.conftest import Cx
from tests.cli.doctor_world import executable, on_path
from tests.engine_state import ended_pid, write_lock

STACK = "shop.local.data"


@pytest.fixture
def own(cx: Cx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cx:
    """A project whose deploys begin with the quick checks, with an engine on PATH."""
    monkeypatch.delenv("CX_SKIP_DOCTOR")
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path / "own"))
    executable(tmp_path / "bin" / "pulumi", "echo v3.255.0")
    on_path(monkeypatch, tmp_path / "bin")
    monkeypatch.setattr(running, "QUICK_SECONDS", 60.0)  # a busy machine is no reason to judge less
    return cx


class TestDoctor:
    def test_tells_people_what_is_wrong_and_how_to_mend_it(self, own: Cx) -> None:
        own("deploy", "--yes")
        write_lock(state_folder(Settings.from_environment()) / locks_folder(STACK), ended_pid())
        ended = own("doctor", "locks", "disk", "folders")
        assert (ended.code, ended.out) == (15, "")
        assert "  ✗ locks: shop.local.data by an engine (pid" in ended.err
        assert "      fix: cx unlock -e local" in ended.err
        assert "  ✓ folders: no service is built from a folder" in ended.err
        assert ended.err.index("machine\n") < ended.err.index("project\n") < ended.err.index("state\n")

    def test_mends_what_is_safe(self, own: Cx) -> None:
        own("deploy", "--yes")
        settings = Settings.from_environment()
        lock = write_lock(state_folder(settings) / locks_folder(STACK), ended_pid())
        note = Path(f"{checkpoint_path(state_folder(settings), STACK)}.attrs")
        note.write_text("{")
        settings.data_dir.chmod(0o755)
        ended = own("doctor", "--fix", "--json", "locks", "state-readable", "data-folder")
        assert ended.code == 0
        assert ended.answer["fixed"] == ["data-folder", "state-readable", "locks"]
        assert (lock.exists(), note.exists(), settings.data_dir.stat().st_mode & 0o777) == (
            False,
            False,
            0o710 if os.geteuid() == 0 else 0o700,  # root's PostgreSQL passes through
        )

    def test_leaves_the_locks_of_the_living(self, own: Cx) -> None:
        own("deploy", "--yes")
        lock = write_lock(state_folder(Settings.from_environment()) / locks_folder(STACK), os.getpid())
        ended = own("doctor", "--fix", "locks")
        assert (ended.code, lock.exists(), "! locks" in ended.err) == (0, True, True)

    def test_answers_programs(self, own: Cx) -> None:
        ended = own("doctor", "--json", "machine", "--env", "local")
        document = ended.answer
        assert {one["group"] for one in document["checks"]} == {"machine"}
        assert set(document) == {"environment", "checks", "counts", "fixed", "seconds"}
        assert sum(document["counts"].values()) == len(document["checks"])

    def test_refuses_a_check_that_there_is_not(self, own: Cx) -> None:
        ended = own("doctor", "machines")
        assert (ended.code, "Did you mean machine?" in ended.err) == (2, True)

    def test_completes_checks(self) -> None:
        from cli.suggestions import checks

        assert checks(None, "quota-v") == ["quota-vpcs"]


class TestBeforeADeploy:
    def test_nothing_is_begun_where_a_check_fails(self, own: Cx) -> None:
        own.write(services={"web": {"build": {"start": "./run", "context": "gone"}, "port": 80}})
        ended = own("deploy", "--yes")
        assert (ended.code, own.runner.calls) == (15, [])
        assert "web is built from" in ended.err
        assert f"mkdir -p {own.folder / 'gone'}" in ended.err
        assert "All checks: cx doctor -e local. To begin all the same: --skip-doctor." in ended.err

    def test_programs_get_what_failed(self, own: Cx) -> None:
        own.write(services={"web": {"build": {"start": "./run", "context": "gone"}, "port": 80}})
        error = own("deploy", "--yes", "--json").answer["error"]
        assert (error["code"], [one["id"] for one in error["details"]["checks"]]) == (
            "preflight_failed",
            ["folders"],
        )

    def test_can_be_left_out(self, own: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
        own.write(services={"web": {"build": {"start": "./run", "context": "gone"}, "port": 80}})
        assert own("deploy", "--yes", "--skip-doctor").code != 15
        monkeypatch.setenv("CX_SKIP_DOCTOR", "1")
        assert own("deploy", "--yes").code != 15

    def test_a_warning_is_told_and_stops_nothing(self, own: Cx) -> None:
        Settings.from_environment().make_data_dir()
        Settings.from_environment().data_dir.chmod(0o755)
        ended = own("deploy", "--yes")
        assert ended.code == 0
        assert "warning: data-folder: everybody may read" in ended.err

    def test_a_mistake_in_the_specification_is_left_to_the_deploy(self, own: Cx) -> None:
        own.write(log_retenton=7)
        assert own("deploy", "--yes").code == 2
