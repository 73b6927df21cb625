from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cygni.targets.fargate.log_groups import LATE, Follower, Written

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def line(id: str, seconds: float) -> Written:
    return Written(START + timedelta(seconds=seconds), "web", "t", f"line {id}", id)


def told(follower: Follower, *lines: Written) -> list[str]:
    """What is new of a reading, which has nothing from before its start."""
    return [one.id for one in follower.new(one for one in lines if one.at >= follower.start)]


class TestFollower:
    def test_tells_each_line_once(self) -> None:
        follower = Follower(START)
        assert told(follower, line("a", 1), line("b", 2)) == ["a", "b"]
        assert told(follower, line("a", 1), line("b", 2), line("c", 2)) == ["c"]

    def test_tells_what_comes_later_than_what_is_newer(self) -> None:
        follower = Follower(START)
        told(follower, line("a", 60))
        late = 60 - LATE.total_seconds() + 1
        assert told(follower, line("b", late), line("a", 60)) == ["b"]

    def test_begins_where_it_was(self) -> None:
        follower = Follower(START)
        told(follower, line("a", 60))
        assert follower.start == START + timedelta(seconds=60) - LATE

    def test_never_begins_before_its_start(self) -> None:
        follower = Follower(START)
        told(follower, line("a", 1))
        assert follower.start == START

    def test_forgets_what_cannot_come_again(self) -> None:
        follower = Follower(START)
        for second in range(1000):
            told(follower, line(str(second), second))
        assert len(follower._told) <= LATE.total_seconds() + 1
