"""When a program is ended for its worker's sake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.control_plane.process import STOP_SECONDS
from platform_api.beside import HAND_BACK_SECONDS
from platform_api.worker.timing import Timing
from platform_api.worker.watchdog import END, RENEWED, Wanted, Watch

TIMES = st.floats(0, 1000)


def watch() -> Watch:
    timing = Timing()
    return Watch(timing.stop, timing.kill, timing.grace, renewed=100.0)


class TestWanted:
    @pytest.mark.parametrize(
        ("said", "later", "wanted"),
        [
            (None, 7.9, Wanted.NOTHING),
            (None, 8.0, Wanted.TERMINATE),
            (None, 13.0, Wanted.KILL),
            (b"", 1.0, Wanted.TERMINATE),
            (b"", 13.0, Wanted.KILL),
            (END, 1.0, Wanted.TERMINATE),
            (RENEWED, 7.9, Wanted.NOTHING),
        ],
    )
    def test_follows_what_was_heard_last(self, said: bytes | None, later: float, wanted: Wanted) -> None:
        there = watch()
        if said is not None:
            there.hear(said, 100.0)
        assert there.wanted(100.0 + later) is wanted

    def test_gives_grace_to_what_was_asked_to_end_while_the_lease_is_renewed(self) -> None:
        there = watch()
        there.hear(END, 100.0)
        for second in range(101, 220):
            there.hear(RENEWED, second)
            assert there.wanted(second) is Wanted.TERMINATE
        assert there.wanted(220.0) is Wanted.KILL

    @given(st.lists(st.tuples(TIMES, st.sampled_from([RENEWED, END, b""]))), TIMES)
    def test_lets_nothing_live_as_long_as_a_lease_without_its_renewal(
        self, heard: list[tuple[float, bytes]], later: float
    ) -> None:
        there = Watch(8, 13, 120, renewed=0.0)
        for at, said in sorted(heard):
            there.hear(said, at)
        last = max([at for at, said in heard if said == RENEWED], default=0.0)
        if later - last >= Timing().lease:
            assert there.wanted(later) is Wanted.KILL


def test_a_program_is_gone_before_its_lease_is_over() -> None:
    timing = Timing()
    assert timing.renew < timing.stop < timing.kill < timing.lease


def test_a_worker_has_the_time_that_its_programs_have_to_end() -> None:
    assert Timing().grace < HAND_BACK_SECONDS < STOP_SECONDS
