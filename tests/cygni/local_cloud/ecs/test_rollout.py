from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from cygni.local_cloud.ecs.failures import SETTLED_AFTER
from cygni.local_cloud.ecs.rollout import Decision, Health, LiveTask, Rollout, Why, bounds, decide, seen_as

HEALTHY, UNHEALTHY, UNKNOWN = Health.HEALTHY, Health.UNHEALTHY, Health.UNKNOWN


def rollout(
    tasks: list[tuple[str, str, Health]],
    *,
    desired: int = 2,
    minimum: int = 100,
    maximum: int = 200,
    wanted: str | None = "new",
    may_launch: bool = True,
) -> Rollout:
    live = [
        LiveTask(id, deployment, runs=health is not UNKNOWN, health=health, since=age)
        for age, (id, deployment, health) in enumerate(tasks)
    ]
    return Rollout(desired, minimum, maximum, wanted, may_launch, live)


def stopped(decision: Decision) -> dict[str, Why]:
    return dict(decision.stop)


class TestScaling:
    def test_starts_what_is_missing(self) -> None:
        assert decide(rollout([("a", "new", HEALTHY)], desired=3)) == Decision(start=2)

    def test_says_that_it_is_steady_when_all_is_there_and_well(self) -> None:
        both = [("a", "new", HEALTHY), ("b", "new", HEALTHY)]
        assert decide(rollout(both)) == Decision(steady=True)
        assert not decide(rollout([*both[:1], ("b", "new", UNKNOWN)])).steady

    def test_stops_what_does_not_serve_yet_before_what_does_and_then_the_newest(self) -> None:
        tasks = [("a", "new", HEALTHY), ("b", "new", UNKNOWN), ("c", "new", HEALTHY)]
        assert stopped(decide(rollout(tasks, desired=2))) == {"b": Why.SCALING}
        assert stopped(decide(rollout(tasks, desired=1))) == {"b": Why.SCALING, "c": Why.SCALING}

    def test_to_zero_stops_everything(self) -> None:
        tasks = [
            ("a", "old", HEALTHY),
            ("b", "new", UNHEALTHY),
            ("c", "new", HEALTHY),
            ("d", "old", UNHEALTHY),
        ]
        assert set(stopped(decide(rollout(tasks, desired=0)))) == {"a", "b", "c", "d"}

    def test_launches_nothing_while_it_waits_after_a_failure(self) -> None:
        assert decide(rollout([], may_launch=False)) == Decision()

    def test_of_nothing_wanted_is_steady_with_nothing(self) -> None:
        assert decide(rollout([], desired=0)) == Decision(steady=True)


class TestRollingUpdate:
    def test_starts_new_tasks_within_the_maximum(self) -> None:
        old = [("a", "old", HEALTHY), ("b", "old", HEALTHY)]
        assert decide(rollout(old, maximum=150)) == Decision(start=1)
        assert decide(rollout(old, maximum=200)) == Decision(start=2)

    def test_stops_an_old_task_for_each_new_one_that_is_healthy(self) -> None:
        tasks = [("a", "old", HEALTHY), ("b", "old", HEALTHY), ("c", "new", HEALTHY), ("d", "new", UNKNOWN)]
        assert decide(rollout(tasks)) == Decision(stop=(("a", Why.SCALING),))

    def test_keeps_old_tasks_while_new_ones_are_not_healthy(self) -> None:
        tasks = [("a", "old", HEALTHY), ("b", "old", HEALTHY), ("c", "new", UNKNOWN), ("d", "new", UNKNOWN)]
        assert decide(rollout(tasks)) == Decision()

    def test_makes_room_first_where_the_maximum_leaves_none_and_the_minimum_allows_it(self) -> None:
        old = [("a", "old", HEALTHY), ("b", "old", HEALTHY)]
        assert decide(rollout(old, minimum=50, maximum=100)) == Decision(stop=(("a", Why.SCALING),))

    def test_goes_nowhere_where_neither_bound_leaves_room(self) -> None:
        old = [("a", "old", HEALTHY), ("b", "old", HEALTHY)]
        assert decide(rollout(old, minimum=100, maximum=100)) == Decision()

    def test_keeps_an_old_task_that_fails_its_checks_until_the_new_ones_are_there(self) -> None:
        # A broken health path: the load balancer sends it requests all the same, as no target is healthy.
        old = [("a", "old", UNHEALTHY), ("b", "old", UNHEALTHY)]
        assert decide(rollout(old)) == Decision(start=2)
        new = [("c", "new", HEALTHY), ("d", "new", HEALTHY)]
        assert set(stopped(decide(rollout([*old, *new])))) == {"a", "b"}

    def test_stops_old_tasks_that_have_not_started(self) -> None:
        tasks = [("a", "old", HEALTHY), ("b", "old", UNKNOWN)]
        assert stopped(decide(rollout(tasks, desired=1))) == {"b": Why.SCALING}

    def test_without_any_deployment_that_may_live_leaves_what_runs_alone(self) -> None:
        assert decide(rollout([("a", "old", HEALTHY)], wanted=None)) == Decision()
        assert stopped(decide(rollout([("a", "old", HEALTHY)], wanted=None, desired=0))) == {"a": Why.SCALING}


class TestUnhealthyTasks:
    def test_get_their_replacement_before_they_stop(self) -> None:
        tasks = [("a", "new", HEALTHY), ("b", "new", UNHEALTHY)]
        assert decide(rollout(tasks)) == Decision(start=1)
        assert decide(rollout([*tasks, ("c", "new", UNKNOWN)])) == Decision()
        assert stopped(decide(rollout([*tasks, ("c", "new", HEALTHY)]))) == {"b": Why.UNHEALTHY}

    def test_stop_first_where_there_is_no_room_for_both(self) -> None:
        tasks = [("a", "new", HEALTHY), ("b", "new", UNHEALTHY)]
        assert decide(rollout(tasks, maximum=100)) == Decision(stop=(("b", Why.UNHEALTHY),))

    def test_stay_while_no_replacement_may_be_launched(self) -> None:
        tasks = [("a", "new", HEALTHY), ("b", "new", UNHEALTHY)]
        assert decide(rollout(tasks, maximum=100, may_launch=False)) == Decision()


class TestHealth:
    def test_of_a_failed_check_counts_after_the_grace_period(self) -> None:
        assert seen_as(UNHEALTHY, 59, 60, settled=False) is UNKNOWN
        assert seen_as(UNHEALTHY, 60, 60, settled=False) is UNHEALTHY

    def test_of_a_good_check_counts_at_once(self) -> None:
        assert seen_as(HEALTHY, 0, 60, settled=False) is HEALTHY
        assert seen_as(UNKNOWN, 99, 0, settled=False) is UNKNOWN

    def test_without_a_check_is_good_after_a_while(self) -> None:
        assert seen_as(None, SETTLED_AFTER - 0.1, 0, settled=False) is UNKNOWN
        assert seen_as(None, SETTLED_AFTER, 0, settled=False) is HEALTHY
        assert seen_as(None, 0, 0, settled=True) is HEALTHY


class TestBounds:
    def test_round_the_minimum_up_and_the_maximum_down(self) -> None:
        assert bounds(3, 50, 150) == (2, 4)
        assert bounds(1, 100, 150) == (1, 1)


@dataclass
class World:
    """A service whose tasks become healthy in any order, to be updated again and again."""

    desired: int
    minimum: int
    maximum: int
    tasks: dict[str, LiveTask] = field(default_factory=dict)
    made: int = 0
    wanted: str = "0"

    def step(self) -> Decision:
        asked = Rollout(
            self.desired, self.minimum, self.maximum, self.wanted, True, list(self.tasks.values())
        )
        decision = decide(asked)
        for id, _ in decision.stop:
            del self.tasks[id]
        for _ in range(decision.start):
            self.made += 1
            task = LiveTask(f"t{self.made}", self.wanted, runs=False, health=UNKNOWN, since=self.made)
            self.tasks[task.id] = task
        return decision

    def settle(self) -> bool:
        """Until it says nothing new; whether it is steady then."""
        for _ in range(1000):
            decision = self.step()
            if not decision.start and not decision.stop:
                return decision.steady
        raise AssertionError("it never ends")

    def make_healthy(self, id: str) -> None:
        task = self.tasks[id]
        self.tasks[id] = LiveTask(task.id, task.deployment, runs=True, health=HEALTHY, since=task.since)

    def healthy(self) -> int:
        return len([task for task in self.tasks.values() if task.health is HEALTHY])


@given(
    desired=st.integers(1, 9),
    minimum=st.integers(0, 100),
    maximum=st.integers(100, 300),
    data=st.data(),
)
def test_every_update_arrives_within_its_bounds(
    desired: int, minimum: int, maximum: int, data: st.DataObject
) -> None:
    lower, upper = bounds(desired, minimum, maximum)
    world = World(desired, minimum, maximum)
    world.settle()
    for id in list(world.tasks):
        world.make_healthy(id)
    assert world.settle()
    world.wanted = "1"
    while not world.settle():
        assert lower <= world.healthy()
        assert len(world.tasks) <= upper
        waiting = sorted(id for id, task in world.tasks.items() if task.health is UNKNOWN)
        if not waiting:
            assert (lower, upper) == (desired, desired)  # the bounds leave no room: ECS does not move either
            return
        world.make_healthy(data.draw(st.sampled_from(waiting)))
    assert {task.deployment for task in world.tasks.values()} == {"1"}
    assert world.healthy() == desired
