from __future__ import annotations

import os
import subprocess
import sys

from cygni.local_cloud.task_runner.memory import MIB, Tree, too_much, used
from tests.cygni.local_cloud.balanced import eventually


class TestTooMuch:
    def test_is_what_is_more_than_a_containers_own_limit(self) -> None:
        assert too_much({1: 50, 2: 30}, together=1000, own={1: 40, 2: 40}) == [1]

    def test_is_the_largest_where_all_use_more_than_they_may_together(self) -> None:
        assert too_much({1: 50, 2: 60}, together=100, own={}) == [2]
        assert too_much({1: 50, 2: 50}, together=100, own={}) == []

    def test_is_nothing_without_a_limit(self) -> None:
        assert too_much({1: 10**12}, together=0, own={1: 0}) == []
        assert too_much({}, together=1, own={}) == []


def test_what_a_process_and_its_children_use_is_found() -> None:
    program = """
import subprocess, sys
held = b"x" * 40_000_000
child = subprocess.Popen([sys.executable, "-c", "held = b'x' * 40_000_000; print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        me = os.getpid()
        whole = sum(used(Tree.of_now(), [me], 10**15).values())
        assert whole > 80_000_000
        closely = used(Tree.of_now(), [me], MIB)[me]
        assert 80_000_000 < closely < whole + 50 * MIB
        assert used(Tree.of_now(), [process.pid], 10**15)[process.pid] > 40_000_000
        process.kill()
    assert eventually(lambda: sum(used(Tree.of_now(), [process.pid], 10**15).values()) == 0)
