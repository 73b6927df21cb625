from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta

from stacks.engine_locks import EngineLock

KEY = ".pulumi/locks/organization/cygni/shop.staging.data/one.json"


class TestHolder:
    def test_of_a_live_engine_are_held(self) -> None:
        assert EngineLock(KEY, os.getpid(), socket.gethostname(), datetime.now(UTC).timestamp()).may_be_held()

    def test_of_an_ended_engine_are_not(self) -> None:
        pid = os.spawnlp(os.P_NOWAIT, "true", "true")
        lock = EngineLock(KEY, pid, socket.gethostname(), datetime.now(UTC).timestamp())
        os.waitpid(pid, 0)
        assert not lock.may_be_held()

    def test_of_an_engine_that_nobody_has_waited_for_are_not(self) -> None:
        pid = os.spawnlp(os.P_NOWAIT, "true", "true")
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        try:
            assert not EngineLock(KEY, pid, socket.gethostname(), datetime.now(UTC).timestamp()).may_be_held()
        finally:
            os.waitpid(pid, 0)

    def test_are_not_held_by_whoever_got_the_number_later(self) -> None:
        before = datetime.now(UTC) - timedelta(days=1000)
        assert not EngineLock(KEY, os.getpid(), socket.gethostname(), before.timestamp()).may_be_held()

    def test_of_another_machine_may_be_held(self) -> None:
        assert EngineLock(KEY, 1, "elsewhere", 0.0).may_be_held()
