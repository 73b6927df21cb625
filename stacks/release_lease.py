"""Leases: who may release which services.

A lease lives as long as its beat goes on. Clocks of machines differ, so nobody compares times to the second: who waits
sees by its own clock that a beat has stood still for longer than a lease lives. On the machine of its holder there is a
quicker proof: the holder keeps a file locked, and the operating system frees that with the process.

Each lease has a higher fence number than all before it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cygni.errors import AuthError, LeaseLost, LockHeld, StateError
from stacks.release_claims import Claim, ClaimFile, Claims
from stacks.state_store import StateStore, Superseded

LIVES = 15.0
"""Seconds that a lease lives after its last beat."""
BEAT = 5.0
_MARGIN = 3.0
"""Seconds before its end in which a lease is no longer relied on."""
_STALE = 150.0
"""Seconds by the clocks of two machines after which a beat has stood still, whatever the clocks differ by."""
_LOOK = 0.5


def _boot_seconds() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock: a lease does not live longer for
    its holder's sleep."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


@dataclass(frozen=True)
class Timing:
    """Clocks, for tests to turn: `seconds` never goes back, `now` is the time of day."""

    seconds: Callable[[], float] = _boot_seconds
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def stamp(self) -> str:
        return self.now().isoformat(timespec="seconds")


class ReleaseLeases:
    """The `Leases` of one environment. `witnesses` is a folder of this machine for the files that holders keep locked;
    with `beating` a thread renews what is held."""

    def __init__(
        self,
        store: StateStore,
        folder: str,
        witnesses: Path,
        *,
        timing: Timing | None = None,
        beating: bool = True,
    ) -> None:
        self._file = ClaimFile(store, folder)
        self._witnesses = witnesses
        self._timing = timing or Timing()
        self._beating = beating

    def acquire(
        self,
        services: Sequence[str],
        *,
        doing: str,
        wait: float = 0.0,
        on_wait: Callable[[str], None] = lambda holder: None,
        above: int = 0,
    ) -> HeldLease:
        """As `cygni.releases.protocols.Leases`. Raises StateError and AuthError too."""
        witness = Witness.made(self._witnesses)
        try:
            lease = self._claimed(witness, services, doing, self._timing.seconds() + wait, on_wait, above)
        except BaseException:
            witness.free()
            raise
        if self._beating:
            threading.Thread(target=lease.beat, name="release lease", daemon=True).start()
        return lease

    def holders(self) -> Mapping[str, str]:
        """By service, who releases it now, for people; dead ones are left out."""
        claims, _ = self._file.read()
        living = [one for one in claims.claims if not self._is_dead(one, {})]
        return {name: str(one) for one in living for name in one.services}

    def _claimed(
        self,
        witness: Witness,
        services: Sequence[str],
        doing: str,
        until: float,
        on_wait: Callable[[str], None],
        above: int,
    ) -> HeldLease:
        beats: dict[str, tuple[int, float]] = {}
        told = False
        while True:
            begun = self._timing.seconds()
            claims, version = self._file.read()
            in_the_way = [one for one in claims.claims if set(services) & set(one.services)]
            living = [one for one in in_the_way if not self._is_dead(one, beats)]
            if not living:
                claim = self._claim(max(claims.fence, above) + 1, witness, services, doing)
                wanted = claims.without(one.id for one in in_the_way).with_claim(claim)
                with contextlib.suppress(Superseded):
                    self._file.write(wanted, version)
                    for dead in in_the_way:
                        Witness(self._witnesses, dead.id).free()
                    return HeldLease(self._file, claim, witness, self._timing, begun)
                continue
            if begun >= until:
                raise _held(living[0], set(services))
            if not told:
                told = True
                on_wait(str(living[0]))
            self._timing.sleep(_LOOK)

    def _claim(self, fence: int, witness: Witness, services: Sequence[str], doing: str) -> Claim:
        now = self._timing.stamp()
        return Claim(
            id=witness.id,
            fence=fence,
            services=tuple(sorted(services)),
            doing=doing,
            pid=os.getpid(),
            host=socket.gethostname(),
            since=now,
            at=now,
        )

    def _is_dead(self, claim: Claim, beats: dict[str, tuple[int, float]]) -> bool:
        """`beats` remembers the beat of each lease, and when it was first seen."""
        alive = Witness(self._witnesses, claim.id).lives()
        if alive is not None:
            return not alive
        seconds = self._timing.seconds()
        beat, since = beats.setdefault(claim.id, (claim.beat, seconds))
        if beat != claim.beat:
            beats[claim.id] = (claim.beat, seconds)
            return False
        with contextlib.suppress(ValueError, TypeError):
            if (self._timing.now() - datetime.fromisoformat(claim.at)).total_seconds() > _STALE:
                return True
        return seconds - since > LIVES


def _held(claim: Claim, wanted: set[str]) -> LockHeld:
    services = sorted(wanted & set(claim.services))
    return LockHeld(
        f"{', '.join(services)} is being released by {claim}",
        hint="Wait for it to end, or wait for it here with --lock-wait 15m.",
        details={"services": services, "holder": asdict(claim)},
    )


@dataclass
class HeldLease:
    """A lease that this command holds, last `renewed` at these seconds."""

    file: ClaimFile
    claim: Claim
    witness: Witness
    timing: Timing
    renewed: float
    lost: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    fence: int = field(init=False)

    def __post_init__(self) -> None:
        self.fence = self.claim.fence

    def check(self) -> None:
        if self.lost or self.ended.is_set() or self.timing.seconds() - self.renewed > LIVES - _MARGIN:
            raise LeaseLost(
                f"the right to release {', '.join(self.claim.services)} has run out",
                hint="Another command may have taken over. See cx status, then run this again.",
            )

    def renew(self) -> None:
        """Beats once. Raises StateError and AuthError."""
        begun = self.timing.seconds()
        if self.file.change(self._beaten):
            self.renewed = begun
        else:
            self.lost = True

    def beat(self) -> None:
        """Beats until it has ended. While the file is out of reach it tries on: `check` knows when it is too late."""
        while not self.lost and not self.ended.wait(BEAT):
            with contextlib.suppress(StateError, AuthError):
                self.renew()

    def release(self) -> None:
        if self.ended.is_set():
            return
        self.ended.set()
        try:
            with contextlib.suppress(StateError, AuthError):
                # Whoever finds it will see that its holder is gone.
                self.file.change(self._given_back)
        finally:
            self.witness.free()

    def _beaten(self, claims: Claims) -> Claims | None:
        own = claims.of(self.claim.id)
        if own is None:
            return None
        return claims.with_claim(replace(own, beat=own.beat + 1, at=self.timing.stamp()))

    def _given_back(self, claims: Claims) -> Claims | None:
        return claims.without([self.claim.id]) if claims.of(self.claim.id) is not None else None


class Witness:
    """A file of this machine that the holder of a lease keeps locked for as long as it lives."""

    def __init__(self, folder: Path, id: str) -> None:
        self.id = id
        self._path = folder / f"{id}.lock"
        self._lock: FileLock | None = None

    @classmethod
    def made(cls, folder: Path) -> Witness:
        """A new one. Where no file can be locked the lease has none, and is known by its beat alone."""
        witness = cls(folder, secrets.token_hex(8))
        with contextlib.suppress(OSError, NotImplementedError, Timeout):
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(witness._path, timeout=0)
            lock.acquire()
            witness._lock = lock
        return witness

    def lives(self) -> bool | None:
        """Whether whoever made it lives; None where this machine cannot tell."""
        if not self._path.exists():
            return None
        try:
            with FileLock(self._path, timeout=0):
                pass
        except Timeout:
            return True
        except (OSError, NotImplementedError):
            return None
        return False

    def free(self) -> None:
        if self._lock is not None:
            self._lock.release()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
