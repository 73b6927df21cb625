from __future__ import annotations

import os
import select
import signal
import threading

from stacks.interrupts import Interrupts


class TestInterrupts:
    def test_are_counted_and_break_in_nowhere(self) -> None:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
            readable, _, _ = select.select([interrupts], [], [], 5)
            assert readable == [interrupts]
            assert interrupts.taken() == 2
            assert interrupts.taken() == 0

    def test_give_the_signals_back(self) -> None:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with Interrupts():
            assert signal.getsignal(signal.SIGINT) is not before[0]
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

    def test_count_nothing_in_a_thread_which_gets_no_signals(self) -> None:
        counted: list[int] = []

        def wait() -> None:
            with Interrupts() as interrupts:
                counted.append(interrupts.taken())

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        assert counted == [0]
