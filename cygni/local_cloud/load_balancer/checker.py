"""Checks the targets of all target groups, each at its own pace, in one thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from cygni.local_cloud.data_plane.snapshot import Target, TargetGroup
from cygni.local_cloud.load_balancer.health import Health, after_check, passes
from cygni.local_cloud.load_balancer.probe import probe

# AWS checks from several machines, so a target that has just come up is found good soon, whatever the interval.
_FIRST_SECONDS = 1.0

Key = tuple[str, Target]
OnChange = Callable[[str, Target, Health], None]


class Checker:
    """`on_change` is called, in the checker's thread, when a target's state has become another. `known` is what an
    earlier process knew, by the ARN of the target group."""

    def __init__(self, on_change: OnChange, known: Mapping[Key, Health]):
        self._on_change = on_change
        self._groups: dict[str, TargetGroup] = {}
        self._health: dict[Key, Health] = dict(known)
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="health-checks", daemon=True)
        self._thread.start()

    def watch(self, groups: Iterable[TargetGroup]) -> None:
        """Check the targets of these groups from now on, and no others."""
        wanted = {group.arn: group for group in groups}
        self._loop.call_soon_threadsafe(self._watch, wanted)

    def health(self) -> dict[str, dict[Target, Health]]:
        """What is known now, by the ARN of the target group."""
        told: dict[str, dict[Target, Health]] = {}
        for (arn, target), health in list(self._health.items()):
            told.setdefault(arn, {})[target] = health
        return told

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _watch(self, groups: dict[str, TargetGroup]) -> None:
        self._groups = groups
        wanted = {(arn, target) for arn, group in groups.items() for target in group.targets}
        for key in self._tasks.keys() - wanted:
            self._tasks.pop(key).cancel()
            self._health.pop(key, None)
        for key in wanted - self._tasks.keys():
            if key not in self._health:
                self._health[key] = Health()
                self._on_change(*key, Health())
            self._tasks[key] = self._loop.create_task(self._check(key))

    async def _check(self, key: Key) -> None:
        """Check one target until it is no longer watched."""
        counted = float("-inf")
        while True:
            begun = time.monotonic()
            group = self._groups[key[0]]
            interval = group.health_check.interval
            outcome = await probe(group, key[1])
            before = self._health.get(key, Health())
            # A check that comes sooner than the interval may find a new target good, but not bad.
            due = before.settled or begun - counted >= interval
            if due or passes(group.health_check, outcome):
                counted = begun
                self._learn(key, before, after_check(before, group.health_check, outcome))
            pause = interval if self._health.get(key, before).settled else min(interval, _FIRST_SECONDS)
            await asyncio.sleep(max(0.0, begun + pause - time.monotonic()))

    def _learn(self, key: Key, before: Health, health: Health) -> None:
        self._health[key] = health
        told = (health.state, health.reason, health.description)
        if told != (before.state, before.reason, before.description):
            self._on_change(*key, health)
