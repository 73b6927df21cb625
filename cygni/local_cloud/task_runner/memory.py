"""Who has used more memory than its limit.

A process has no limit of its own that would fit: what it reserves says nothing about what it uses. So it is looked
at, and a program that is quick enough may use more than its limit for a moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import psutil

MIB: Final = 1024 * 1024
LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Tree:
    """The processes of this machine by their parents: looked at once for all tasks."""

    children: Mapping[int, list[psutil.Process]]

    @classmethod
    def of_now(cls) -> Tree:
        import psutil

        children: dict[int, list[psutil.Process]] = defaultdict(list)
        for process in psutil.process_iter(["ppid"]):
            children[process.info["ppid"]].append(process)
        return cls(children)

    def below(self, pid: int) -> list[psutil.Process]:
        found = list(self.children.get(pid, ()))
        for process in found:
            found += self.children.get(process.pid, ())
        return found


def used(tree: Tree, monitors: Iterable[int], limit: int) -> dict[int, int]:
    """Bytes used below each of the monitors (their pids), which themselves do not count.

    Memory that processes share counts for each of them, unless that takes the sum over `limit`: then it is looked at
    closely, which takes longer.
    """
    processes = {pid: tree.below(pid) for pid in monitors}
    found = {pid: sum(map(_resident, below)) for pid, below in processes.items()}
    if sum(found.values()) <= limit:
        return found
    return {pid: sum(map(_own, below)) for pid, below in processes.items()}


def too_much(used: Mapping[int, int], together: int, own: Mapping[int, int]) -> list[int]:
    """Whom to kill: each that uses more than its own limit; else the largest, where all `together` use too much. 0
    is no limit."""
    over = [pid for pid, size in used.items() if own.get(pid) and size > own[pid]]
    if not over and together and sum(used.values()) > together:
        over = [max(used, key=lambda pid: used[pid])]
    return over


def _resident(process: psutil.Process) -> int:
    import psutil

    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _own(process: psutil.Process) -> int:
    """With its share of what it shares, where the system tells; else what is its alone."""
    import psutil

    try:
        told = process.memory_full_info()
    except psutil.AccessDenied:
        return _resident(process)
    except psutil.Error:
        return 0
    return int(getattr(told, "pss", 0) or told.uss)
