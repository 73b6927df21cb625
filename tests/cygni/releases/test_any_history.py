"""Any order of deploys, rollbacks, deaths of commands and of tasks leaves requests answered and the records true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cygni.errors import CygniError, NotFound, RollbackFailed
from cygni.naming import Colour
from cygni.releases.operations import Releases
from cygni.releases.release import Deployment, Wish
from cygni.releases.seen import other
from cygni.releases.settings import CanaryStep, Limits, ReleaseSettings, Strategy
from tests.release_reaper import Killed, Reaper
from tests.release_traffic import Behaviour
from tests.release_world import Program, Town

WEB = ReleaseSettings(count=2, bake=10.0, warm=120.0, start_timeout=60.0)
SHOP = {
    "web": replace(
        WEB, strategy=Strategy.CANARY, canary=(CanaryStep(5, 10.0), CanaryStep(50, 10.0)), depends_on=("api",)
    ),
    "api": replace(WEB, limits=Limits(1, 4), before="migrate", group="back"),
    "site": replace(WEB, strategy=Strategy.ROLLING),
    "mail": replace(WEB, takes_traffic=False, warm=0.0, group="back"),
}
TROUBLES = {
    "faulty": Program(Behaviour(errors=0.2)),
    "slow": Program(Behaviour(latency=0.2)),
    "crashing": Program(lives=2.0, healthy=False, exit_code=1),
    "stuck": Program(healthy=False),
}
versions = st.sampled_from(["2", "3", "4", *TROUBLES])
deaths = st.none() | st.tuples(st.integers(1, 120), st.booleans())


class Histories(RuleBasedStateMachine):
    """Version 1 of a shop runs; then anything happens."""

    @initialize()
    def begin(self) -> None:
        self.town = Town(SHOP)
        for version, program in TROUBLES.items():
            for name in SHOP:
                self.town.cloud.programs[f"{name}:{version}"] = program
        self.town.runs("1")

    @rule(version=versions, death=deaths)
    def deploy(self, version: str, death: tuple[int, bool] | None) -> None:
        release = self.town.release(version, migrate=f"migrate:{version}")
        self.run(lambda command: command.deploy(release), death)

    @rule(death=deaths)
    def rollback(self, death: tuple[int, bool] | None) -> None:
        self.run(lambda command: command.rollback(), death)

    @rule(number=st.integers(1, 4), death=deaths)
    def rollback_to(self, number: int, death: tuple[int, bool] | None) -> None:
        self.run(lambda command: command.rollback(number), death)

    @rule(count=st.integers(1, 4), death=deaths)
    def scale(self, count: int, death: tuple[int, bool] | None) -> None:
        self.run(lambda command: command.scale({"web": count}), death)

    @rule(death=deaths)
    def restart(self, death: tuple[int, bool] | None) -> None:
        self.run(lambda command: command.restart(["web", "mail"]), death)

    @rule()
    def finish(self) -> None:
        self.run(lambda command: command.finish(), None)

    @rule(seconds=st.sampled_from([5, 60, 200]))
    def time_passes(self, seconds: int) -> None:
        self.town.cloud.pass_time(seconds)
        self.run(lambda command: command.finish() if seconds == 200 else None, None)

    @rule(wish=st.sampled_from([Wish.ABORT, Wish.PROMOTE, Wish.PROMOTE_FULL]))
    @precondition(lambda self: bool(self.town.live().unfinished))
    def ask(self, wish: Wish) -> None:
        self.town.command().ask(self.town.live().unfinished[-1], wish)

    @rule(name=st.sampled_from(["web", "api", "mail"]), colour=st.sampled_from(list(Colour)))
    def an_idle_colour_is_stopped_by_hand(self, name: str, colour: Colour) -> None:
        own = self.town.cloud.services[name]
        if (
            own.weights is not None
            and not own.weights[colour]
            and self.town.cloud.healthy_in(name, other(colour))
        ):
            own.colours[colour].desired = 0

    def run(self, act: Callable[[Releases], Deployment | None], death: tuple[int, bool] | None) -> None:
        reaper = Reaper()
        if death is not None:
            reaper.at, reaper.after = death
        try:
            ended = act(self.town.command(reaper=reaper, poll=4.0))
        except Killed:
            return
        except (NotFound, RollbackFailed):
            return
        except CygniError as error:  # pragma: no cover
            raise AssertionError(f"unexpected: {error.message}") from error
        assert ended is None or ended.state.ended
        if not self.town.live().unfinished:
            self.everything_is_in_order()

    def everything_is_in_order(self) -> None:
        """What must hold whenever nothing is under way."""
        live = self.town.live()
        for name, settings_of in SHOP.items():
            one, own = live.services[name], self.town.cloud.services[name]
            active = own.colours[one.active]
            assert active.revision == one.colours[one.active].revision, name
            assert self.town.cloud.healthy_in(name, one.active) >= 1, name
            if settings_of.takes_traffic:
                assert (own.weights or {})[one.active] == 100, name
            idle = own.colours[other(one.active)]
            assert idle.desired == 0 or one.warm_until is not None, name

    @invariant()
    def somebody_always_answers(self) -> None:
        assert self.town.cloud.troubles == []

    @invariant()
    def nothing_is_done_that_changes_nothing(self) -> None:
        assert self.town.cloud.needless == []

    @invariant()
    def no_job_runs_twice_for_a_deployment(self) -> None:
        starts = self.town.cloud.job_starts
        assert len(starts) == len(set(starts))


Histories.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyHistory = Histories.TestCase
