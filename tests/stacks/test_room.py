from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import NoSpace
from stacks.operations import EngineSettings
from stacks.room import COPIES, LEAST_BYTES, require_room, reserved
from stacks.state import checkpoint_path
from tests.factories import create_environment

STACK = "shop.staging.data"


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    path = checkpoint_path(tmp_path / "state", STACK)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 1000)
    return create_environment(tmp_path).engine


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    def disk_usage(path: Any) -> Any:
        return type("Usage", (), {"free": count})

    monkeypatch.setattr("shutil.disk_usage", disk_usage)


class TestRequireRoom:
    def test_asks_for_what_checkpoint_and_plan_may_take(
        self, settings: EngineSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = tmp_path / "plan.json"
        plan.write_bytes(b"x" * 500)
        needed = LEAST_BYTES + COPIES * 1500
        free(monkeypatch, needed)
        require_room(settings, [(STACK, plan)])
        free(monkeypatch, needed - 1)
        with pytest.raises(NoSpace, match="too little space") as caught:
            require_room(settings, [(STACK, plan)])
        assert caught.value.details == {"free_bytes": needed - 1, "needed_bytes": needed}
        assert "CYGNI_DATA_DIR" in (caught.value.hint or "")

    def test_asks_for_something_even_where_there_is_nothing_yet(
        self, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free(monkeypatch, LEAST_BYTES - 1)
        with pytest.raises(NoSpace):
            require_room(settings)
        with pytest.raises(NoSpace):
            require_room(settings, [("shop.staging.services", None)])

    def test_asks_nothing_of_a_state_that_is_elsewhere(
        self, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free(monkeypatch, 0)
        require_room(replace(settings, backend_url="s3://bucket"), [(STACK, None)])


class TestReserved:
    def test_is_given_back_however_the_block_ends(self, settings: EngineSettings, tmp_path: Path) -> None:
        plan = tmp_path / "plan.json"
        plan.write_bytes(b"x" * 5000)
        with pytest.raises(KeyError), reserved(settings, STACK, plan):
            [kept] = settings.config_dir.iterdir()
            assert kept.stat().st_size == 5000
            raise KeyError
        assert list(settings.config_dir.iterdir()) == []

    def test_takes_its_room_where_files_are_compressed_too(
        self, settings: EngineSettings, tmp_path: Path
    ) -> None:
        plan = tmp_path / "plan.json"
        plan.write_bytes(b"x" * 5000)
        with reserved(settings, STACK, plan):
            [kept] = settings.config_dir.iterdir()
            assert len(zlib.compress(kept.read_bytes())) >= 5000

    def test_is_told_where_it_cannot_be_had(self, settings: EngineSettings) -> None:
        settings.config_dir.write_text("not a folder")
        with pytest.raises(NoSpace, match="cannot keep space free"), reserved(settings, STACK, None):
            pytest.fail("began all the same")
