from __future__ import annotations

import os
import socket
import time

from stacks.engine_locks import is_alive
from tests.engine_state import ended_pid

HERE = socket.gethostname()


class TestIsAlive:
    def test_is_said_of_a_process_that_is_there(self) -> None:
        assert is_alive(os.getpid(), HERE, time.time()) is True

    def test_is_denied_of_one_that_ended(self) -> None:
        assert is_alive(ended_pid(), HERE, time.time()) is False

    def test_is_denied_of_one_that_nobody_has_waited_for(self) -> None:
        pid = os.spawnlp(os.P_NOWAIT, "true", "true")
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        try:
            assert is_alive(pid, HERE, time.time()) is False
        finally:
            os.waitpid(pid, 0)

    def test_is_denied_where_somebody_got_the_number_later(self) -> None:
        assert is_alive(os.getpid(), HERE, 0.0) is False

    def test_cannot_be_told_of_another_machine(self) -> None:
        assert is_alive(1, "elsewhere", 0.0) is None
