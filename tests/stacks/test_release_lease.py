"""One command at a time may release a service: whoever it is, wherever it runs, however it ends."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cygni.errors import LeaseLost, LockHeld, StateError
from stacks import release_lease
from stacks.release_lease import LIVES, HeldLease, ReleaseLeases, Timing
from stacks.state_store import FolderStore, StateStore
from tests.stacks.state_places import Place


@dataclass
class Machine:
    """A machine with clocks of its own, which go on when somebody on it waits."""

    name: str
    root: Path
    files: StateStore
    seconds: float = 1000.0
    skew: float = 0.0
    slept: list[float] = field(default_factory=list)
    meanwhile: list[object] = field(default_factory=list)
    held: list[HeldLease] = field(default_factory=list)

    def leases(self) -> ReleaseLeases:
        timing = Timing(lambda: self.seconds, self.now, self.sleep)
        witnesses = self.root / self.name
        return ReleaseLeases(self.files, "releases", witnesses, timing=timing, beating=False)

    def hold(self, *services: str, doing: str = "cx deploy", wait: float = 0.0) -> HeldLease:
        """A lease of a command that goes on."""
        self.held.append(self.leases().acquire(services, doing=doing, wait=wait))
        return self.held[-1]

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds + self.skew)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        for happens in self.meanwhile:
            assert callable(happens)
            happens()

    def killed(self, lease: HeldLease) -> None:
        """As the operating system leaves it behind."""
        assert lease.witness._lock is not None
        lease.witness._lock.release()


@pytest.fixture
def files(tmp_path: Path) -> StateStore:
    return FolderStore(tmp_path / "state")


@pytest.fixture
def here(tmp_path: Path, files: StateStore) -> Machine:
    return Machine("here", tmp_path, files)


@pytest.fixture
def there(tmp_path: Path, files: StateStore) -> Machine:
    """Another machine, whose clock is a minute behind."""
    return Machine("there", tmp_path, files, seconds=5.0, skew=935.0)


class TestAcquire:
    def test_gives_each_lease_a_higher_fence(self, here: Machine, there: Machine) -> None:
        fences = []
        for machine in (here, there, here):
            lease = machine.hold("web")
            fences.append(lease.fence)
            lease.release()
        assert fences == [1, 2, 3]

    def test_lets_services_apart_be_released_side_by_side(self, here: Machine, there: Machine) -> None:
        one = here.hold("web")
        other = there.hold("api")
        one.check()
        other.check()
        assert here.leases().holders().keys() == {"web", "api"}

    def test_tells_who_holds_a_service(self, here: Machine, there: Machine) -> None:
        here.hold("api", "web")
        for machine in (here, there):
            with pytest.raises(
                LockHeld, match=r"^web is being released by cx deploy \(pid \d+ on "
            ) as caught:
                machine.hold("mail", "web", doing="cx rollback")
            assert caught.value.details["services"] == ["web"]
            assert "--lock-wait" in (caught.value.hint or "")

    def test_takes_all_services_or_none(self, here: Machine, there: Machine) -> None:
        here.hold("web")
        with pytest.raises(LockHeld):
            there.hold("api", "web")
        there.hold("api").check()

    def test_waits_for_the_holder_of_whom_it_tells_once(self, here: Machine, there: Machine) -> None:
        lease = here.hold("web")
        there.meanwhile.append(lambda: lease.release() if len(there.slept) == 3 else lease.renew())
        told: list[str] = []
        there.leases().acquire(["web"], doing="cx rollback", wait=60, on_wait=told.append).check()
        assert len(told) == 1
        assert told[0].startswith("cx deploy (pid ")
        assert len(there.slept) == 3

    def test_waits_no_longer_than_it_may(self, here: Machine, there: Machine) -> None:
        lease = here.hold("web")
        there.meanwhile.append(lease.renew)
        with pytest.raises(LockHeld):
            there.hold("web", wait=40)
        assert sum(there.slept) == pytest.approx(40, abs=1)

    def test_lets_one_of_several_at_once_have_it(self, here: Machine) -> None:
        barrier = threading.Barrier(6)

        def attempt(_: int) -> HeldLease | None:
            barrier.wait()
            try:
                return here.hold("web")
            except LockHeld:
                return None

        with ThreadPoolExecutor(6) as pool:
            held = [lease for lease in pool.map(attempt, range(6)) if lease is not None]
        assert len(held) == 1

    @pytest.mark.parametrize("kind", ["bucket", "database"])
    def test_is_the_same_in_a_place_that_others_reach(
        self, kind: str, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        place = request.getfixturevalue(kind)
        assert isinstance(place, Place)
        place.write(".pulumi/stacks/cygni/shop.staging.data.json", b"{}")
        here, there = (Machine(name, tmp_path, place.store) for name in ("here", "there"))
        lease = here.hold("web")
        lease.renew()
        with pytest.raises(LockHeld):
            there.hold("web")
        lease.release()
        assert there.hold("web").fence == 2


class TestDeadHolder:
    def test_of_this_machine_is_not_waited_for(self, here: Machine) -> None:
        here.killed(here.hold("web"))
        assert here.hold("web").fence == 2
        assert here.slept == []
        assert len(list((here.root / "here").iterdir())) == 1

    def test_of_another_machine_is_known_by_a_beat_that_stands_still(
        self, here: Machine, there: Machine
    ) -> None:
        here.killed(here.hold("web"))
        assert there.hold("web", wait=60).fence == 2
        assert LIVES < sum(there.slept) < LIVES + 2

    def test_of_long_ago_is_not_waited_for_either(self, here: Machine, there: Machine) -> None:
        here.killed(here.hold("web"))
        there.seconds += 300
        assert there.hold("web").fence == 2

    def test_is_no_holder_for_people(self, here: Machine) -> None:
        here.killed(here.hold("web"))
        assert here.leases().holders() == {}

    def test_is_not_one_whose_clock_is_wrong(self, here: Machine, there: Machine) -> None:
        here.skew = -100.0
        here.hold("web")
        with pytest.raises(LockHeld):
            there.hold("web")

    def test_process_that_was_killed_frees_its_services_at_once(self, tmp_path: Path) -> None:
        """A real process, which the real operating system cleans up after."""
        context = multiprocessing.get_context("spawn")
        ready = context.Event()
        child = context.Process(target=_hold_forever, args=(tmp_path, ready))
        child.start()
        try:
            assert ready.wait(60)
            leases = ReleaseLeases(FolderStore(tmp_path), "releases", tmp_path / "witnesses", beating=False)
            with pytest.raises(LockHeld):
                leases.acquire(["web"], doing="cx rollback")
        finally:
            child.kill()
            child.join()
        assert leases.acquire(["web"], doing="cx rollback").fence == 2


def _hold_forever(root: Path, ready: threading.Event) -> None:
    ReleaseLeases(FolderStore(root), "releases", root / "witnesses").acquire(["web"], doing="cx deploy")
    ready.set()
    threading.Event().wait()


class TestHeldLease:
    def test_runs_out_without_a_beat(self, here: Machine) -> None:
        lease = here.hold("web")
        here.seconds += LIVES - 4
        lease.check()
        lease.renew()
        here.seconds += LIVES - 4
        lease.check()
        here.seconds += 2
        with pytest.raises(LeaseLost, match="web"):
            lease.check()

    def test_is_not_relied_on_for_as_long_as_others_wait(self, here: Machine, there: Machine) -> None:
        """What is read before it is given counts from before it is given."""
        lease = here.hold("web")
        here.seconds += LIVES - 2
        with pytest.raises(LeaseLost):
            lease.check()
        with pytest.raises(LockHeld):
            there.hold("web", wait=LIVES - 2)

    def test_that_was_taken_over_is_lost_for_good(self, here: Machine, there: Machine) -> None:
        lease = here.hold("web")
        new = there.hold("web", doing="cx rollback", wait=60)
        lease.renew()
        with pytest.raises(LeaseLost):
            lease.check()
        lease.release()
        new.check()
        new.renew()
        new.check()

    def test_is_given_back_once(self, here: Machine, there: Machine) -> None:
        lease = here.hold("web")
        lease.release()
        other = there.hold("web")
        lease.release()
        other.renew()
        other.check()
        with pytest.raises(LeaseLost):
            lease.check()

    def test_beats_by_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(release_lease, "BEAT", 0.01)
        leases = ReleaseLeases(FolderStore(tmp_path), "releases", tmp_path / "witnesses")
        lease = leases.acquire(["web"], doing="cx deploy")
        first = lease.renewed
        while lease.renewed == first:
            threading.Event().wait(0.01)
        lease.release()

    def test_outlives_a_place_that_is_out_of_reach_for_a_moment(
        self, here: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lease = here.hold("web")
        with monkeypatch.context() as patched:
            patched.setattr(FolderStore, "read", _unreachable)
            with pytest.raises(StateError):
                lease.renew()
        here.seconds += 5
        lease.check()
        lease.renew()
        here.seconds += LIVES - 4
        lease.check()


def _unreachable(*asked: object) -> bytes:
    raise StateError("cannot reach it")


class TestFile:
    @pytest.mark.parametrize("text", [b"", b"{}", b'{"format":2,"fence":1,"claims":[]}', b'{"claims":[1]}'])
    def test_that_cannot_be_read_is_named(self, text: bytes, here: Machine) -> None:
        here.files.write("releases/lease.json", text)
        with pytest.raises(StateError, match=r"releases/lease\.json"):
            here.hold("web")
        assert list((here.root / "here").iterdir()) == []
