from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import StateError
from stacks.operations import EngineSettings
from stacks.state import checkpoint_path, look_in_folder
from stacks.state_copy import forget_copy, is_damaged, keep_copy, restore_newest
from tests.factories import create_environment

STACK = "shop.staging.data"


class Kept:
    """The state of one stack, in which a word tells one version from another."""

    def __init__(self, folder: Path) -> None:
        self.settings: EngineSettings = create_environment(folder).engine
        self.folder = folder / "state"
        self.path = checkpoint_path(self.folder, STACK)
        self.path.parent.mkdir(parents=True)

    def content(self, word: str, written: str) -> str:
        latest: dict[str, Any] = {"manifest": {"time": written}, "resources": [{"urn": word}]}
        return json.dumps({"version": 3, "checkpoint": {"stack": STACK, "latest": latest}})

    def write(self, word: str, written: str = "2026-11-20T10:00:00Z") -> None:
        self.path.write_text(self.content(word, written))

    def damage(self) -> None:
        self.path.write_bytes(self.path.read_bytes()[:40])

    def beside(self, word: str, written: str) -> Path:
        path = self.path.with_name(f"{self.path.name}.bak")
        path.write_text(self.content(word, written))
        return path

    @property
    def word(self) -> str:
        [resource] = look_in_folder(self.folder, STACK).resources
        return str(resource["urn"])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


class TestIsDamaged:
    @pytest.mark.parametrize("content", ["", '{"version": 3, "checkpoint": {"latest": {"re', "\0\0\0", "[]"])
    def test_is_whatever_the_engine_would_not_write(self, kept: Kept, content: str) -> None:
        kept.path.write_text(content)
        assert is_damaged(kept.settings, STACK)

    def test_is_neither_a_whole_one_nor_none(self, kept: Kept) -> None:
        assert not is_damaged(kept.settings, STACK)
        kept.write("a")
        assert not is_damaged(kept.settings, STACK)


class TestRestoreNewest:
    def test_puts_back_what_was_kept_last(self, kept: Kept) -> None:
        for word in ("first", "second"):
            kept.write(word)
            keep_copy(kept.settings, STACK)
        kept.damage()
        assert restore_newest(kept.settings, STACK).startswith("Cygni's copy of 2026-11-20T")
        assert kept.word == "second"

    def test_never_keeps_a_damaged_one(self, kept: Kept) -> None:
        kept.write("good")
        keep_copy(kept.settings, STACK)
        kept.damage()
        keep_copy(kept.settings, STACK)
        restore_newest(kept.settings, STACK)
        assert kept.word == "good"

    @pytest.mark.parametrize(
        ("written", "wins"),
        [("2026-11-20T10:00:01+00:00", "engine"), ("2026-11-20T11:59:59+02:00", "own")],
    )
    def test_takes_the_one_written_last(self, kept: Kept, written: str, wins: str) -> None:
        kept.write("own")
        keep_copy(kept.settings, STACK)
        kept.beside("engine", written)
        kept.damage()
        restore_newest(kept.settings, STACK)
        assert kept.word == wins

    def test_passes_over_a_copy_that_is_damaged_too(self, kept: Kept) -> None:
        kept.write("own")
        keep_copy(kept.settings, STACK)
        kept.beside("x", "2026-11-20T10:00:01Z").write_text('{"version": 3, "check')
        kept.damage()
        restore_newest(kept.settings, STACK)
        assert kept.word == "own"

    def test_finds_the_backups_of_the_engine(self, kept: Kept) -> None:
        backup = kept.folder / ".pulumi" / "backups" / "cygni" / STACK / f"{STACK}.17952617.json"
        backup.parent.mkdir(parents=True)
        backup.write_text(kept.content("backup", "2026-11-20T10:00:00Z"))
        kept.path.write_text("")
        assert restore_newest(kept.settings, STACK).startswith("the engine's backup")
        assert kept.word == "backup"

    def test_removes_the_note_about_the_damaged_file(self, kept: Kept) -> None:
        kept.write("a")
        keep_copy(kept.settings, STACK)
        note = kept.path.with_name(f"{kept.path.name}.attrs")
        note.write_text("{}")
        kept.damage()
        restore_newest(kept.settings, STACK)
        assert not note.exists()

    def test_says_what_to_do_where_no_copy_can_be_read(self, kept: Kept) -> None:
        kept.write("a")
        keep_copy(kept.settings, STACK)
        forget_copy(kept.settings, STACK)
        kept.damage()
        damaged = kept.path.read_bytes()
        with pytest.raises(StateError, match="no copy of it can be read") as caught:
            restore_newest(kept.settings, STACK)
        assert str(kept.path) in caught.value.message
        assert "cygni:stack" in (caught.value.hint or "")
        assert kept.path.read_bytes() == damaged
