from __future__ import annotations

from pathlib import Path

import pytest

from cygni.local_cloud.task_runner.folder import ContainerFolder, ContainerNote, TaskFolder, bundles_in_use
from cygni.local_cloud.task_runner.monitor import Output

NOTES = (
    ContainerNote("app", 20001, digest="d" * 64),
    ContainerNote("side", 0, engine="docker", container="c"),
)


class TestNote:
    def test_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        folder = TaskFolder(tmp_path / "task")
        assert folder.note() is None
        folder.write_note(NOTES)
        assert folder.note() == NOTES
        assert bundles_in_use(tmp_path) == {"d" * 64}
        folder.remove()
        assert folder.note() is None
        assert bundles_in_use(tmp_path / "none") == set()

    def test_that_is_torn_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "task.json").write_text('{"containers": [{"name"')
        assert TaskFolder(tmp_path).note() is None


class TestLines:
    @pytest.fixture
    def output(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Output:
        monkeypatch.setattr("cygni.local_cloud.task_runner.monitor.SEGMENT_BYTES", 50)
        monkeypatch.setattr("cygni.local_cloud.task_runner.monitor.KEPT_SEGMENTS", 3)
        return Output(str(tmp_path))

    def test_are_read_on_from_where_one_left_across_segments(self, tmp_path: Path, output: Output) -> None:
        folder = ContainerFolder(tmp_path)
        seen: list[str] = []
        position = 0
        for number in range(40):
            output.add(f"line {number}\n".encode())
            lines, position = folder.lines(position, 1000)
            seen += [text for _, text in lines]
        assert seen == [f"line {number}" for number in range(40)]
        assert folder.lines(position, 1000) == ([], position)

    def test_that_were_dropped_are_passed_over(self, tmp_path: Path, output: Output) -> None:
        for number in range(40):
            output.add(f"line {number}\n".encode())
        lines, _ = ContainerFolder(tmp_path).lines(0, 100_000)
        numbers = [int(text.split()[1]) for _, text in lines]
        assert numbers == list(range(numbers[0], 40))
        assert 6 <= len(numbers) < 15  # three segments, of two or three lines each

    def test_that_are_dropped_while_they_are_read_are_passed_over(
        self, tmp_path: Path, output: Output, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(6):
            output.add(f"line {number}\n".encode())
        first = min(tmp_path.glob("log.*"))
        listed = sorted(tmp_path.glob("log.*"))
        monkeypatch.setattr(Path, "glob", lambda path, pattern: iter(listed))
        first.unlink()
        lines, _ = ContainerFolder(tmp_path).lines(0, 1000)
        assert [text for _, text in lines][-1] == "line 5"

    def test_go_on_after_one_that_was_torn_at_the_end_of_a_segment(self, tmp_path: Path) -> None:
        (tmp_path / "log.0000000000000000").write_bytes(b"12 good\n13 to")
        (tmp_path / "log.0000000000000013").write_bytes(b"14 next\n")
        folder, position, seen = ContainerFolder(tmp_path), 0, []
        for _ in range(3):
            lines, position = folder.lines(position, 1000)
            seen += [text for _, text in lines]
        assert seen == ["good", "next"]

    def test_are_whole_however_little_is_taken(self, tmp_path: Path, output: Output) -> None:
        output.add(b"one\ntwo\nthree\n")
        folder, position, seen = ContainerFolder(tmp_path), 0, []
        for _ in range(3):
            lines, position = folder.lines(position, 21)
            seen += [text for _, text in lines]
        assert seen == ["one", "two", "three"]

    def test_of_nothing_are_none(self, tmp_path: Path) -> None:
        assert ContainerFolder(tmp_path / "none").lines(0, 100) == ([], 0)

    def test_torn_by_a_full_disk_are_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "log.0000000000000000").write_bytes(b"12 good\nxy\n13 too\n")
        assert ContainerFolder(tmp_path).lines(0, 100)[0] == [(12, "good"), (13, "too")]
