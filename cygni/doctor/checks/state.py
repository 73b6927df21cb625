"""Checks of the state: reached, readable, unlocked, finished, and of this account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, Repair, failed, passed, warned
from cygni.doctor.facts import Fact, Facts

OLD_LOCK: Final = 6 * 3600.0
"""Seconds: what still holds a stack after so long does hardly work on it any more."""


@dataclass(frozen=True, slots=True)
class Lock:
    """An engine's lock on a stack. `alive` is None where nobody here can tell; `age` in seconds."""

    stack: str
    holder: str
    alive: bool | None
    age: float


@dataclass(frozen=True, slots=True)
class States:
    """What the stacks of the environment have in the state: `place` is where that is; `pending` and `accounts` are
    by stack, `torn` files that a kill cut off, `resources` how many of all stacks are in the cloud."""

    place: str
    stacks: tuple[str, ...]
    resources: int
    locks: tuple[Lock, ...] = ()
    pending: tuple[tuple[str, int], ...] = ()
    torn: tuple[str, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Passphrase:
    """The file with the passphrase of the state; `fits` is whether it opens the state, None where there is nothing to
    open, and `problem` why it cannot be read."""

    file: str
    fits: bool | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """The command that works on the environment on this machine; `shown` is empty where none does."""

    shown: str


@dataclass(frozen=True, slots=True)
class LocalLife:
    """Whether the local cloud has what the state lists: `lost` are the stacks it has nothing of."""

    lost: tuple[str, ...]


STATES: Final = Fact[States]("states", "the state")
PASSPHRASE: Final = Fact[Passphrase]("passphrase", "the passphrase of the state")
HOLDER: Final = Fact[Holder]("holder", "who works on the environment")
LOCAL_LIFE: Final = Fact[LocalLife]("local-life", "what the local cloud has")
ENVIRONMENT: Final = Fact[str]("environment", "the environment")
ACCOUNT: Final = Fact[str]("account", "the AWS account")


def _state(facts: Facts) -> Finding:
    error = facts.error(STATES)
    if error is not None:
        return failed(error.message, error.hint or "Name another place with CYGNI_STATE.")
    found = facts[STATES]
    if found.torn:
        told = f"a kill cut off {', '.join(found.torn)}, which keeps the engine from reading the state"
        return failed(told, "\n".join(f"rm {file}" for file in found.torn), Repair.REMOVE_TORN_NOTES)
    if not found.stacks:
        return passed(f"{found.place} is reached; nothing of this environment is in it yet")
    return passed(f"{found.place}: {found.resources} resources in {', '.join(found.stacks)}")


def _passphrase(facts: Facts) -> Finding:
    found = facts[PASSPHRASE]
    fix = "export CYGNI_PASSPHRASE_FILE=/path/of/the/passphrase/that/belongs/to/this/state"
    if found.problem:
        return failed(f"{found.file}: {found.problem}", fix)
    if found.fits is False:
        return failed(f"{found.file} does not open the state, which was encrypted with another", fix)
    return passed(f"{found.file} opens the state" if found.fits else "there is nothing to open yet")


def _locks(facts: Facts) -> Finding:
    found, env = facts[STATES].locks, facts[ENVIRONMENT]
    told = "; ".join(f"{one.stack} by {one.holder}, {_life(one)}" for one in found)
    if any(one.alive is False for one in found):
        return failed(told, f"cx unlock -e {env}", Repair.REMOVE_DEAD_LOCKS)
    unsure = [one for one in found if one.alive is None]
    if unsure:
        fix = f"cx unlock -e {env} " + " ".join(f"--force {one.stack}" for one in unsure)
        judge = failed if any(one.age > OLD_LOCK for one in unsure) else warned
        return judge(told, fix)
    if found:
        return warned(told, f"cx deploy -e {env} --lock-wait 15m")
    return passed("no engine holds a stack")


def _life(lock: Lock) -> str:
    age = f"since {lock.age / 60:.0f} min"
    return {True: f"at work {age}", False: f"dead, {age}", None: f"which this machine cannot see, {age}"}[
        lock.alive
    ]


def _holder(facts: Facts) -> Finding:
    shown = facts[HOLDER].shown
    if not shown:
        return passed("no other command works on it")
    return warned(f"held by {shown}", f"cx deploy -e {facts[ENVIRONMENT]} --lock-wait 15m")


def _pending(facts: Facts) -> Finding:
    found = facts[STATES].pending
    if not found:
        return passed("every operation came to its end")
    told = ", ".join(f"{count} in {stack}" for stack, count in found)
    return warned(
        f"an engine was interrupted with operations in flight: {told}; the next deploy looks them up in the cloud",
        f"cx deploy -e {facts[ENVIRONMENT]}",
    )


def _account(facts: Facts) -> Finding:
    account = facts[ACCOUNT]
    others = {other: stack for stack, other in facts[STATES].accounts if other != account}
    if not others:
        return passed(f"what is deployed is in {account}, or nothing is")
    told = ", ".join(f"{stack} is in the account {other}" for other, stack in others.items())
    fix = f"export AWS_PROFILE=a profile that opens {next(iter(others))}"
    return failed(f"{told}, and the credentials open {account}", fix)


def _local_life(facts: Facts) -> Finding:
    lost = facts[LOCAL_LIFE].lost
    if not lost:
        return passed("the local cloud has what the state lists, or the state lists nothing")
    told = f"the local cloud was restarted or reset, and has nothing of {', '.join(lost)}"
    return failed(told, "cx deploy --refresh")


CHECKS: Final = (
    Check(
        "state-readable",
        Group.STATE,
        "The state is reached and can be read",
        _state,
        "give back the permissions, the network or the file that it names",
        tries=(STATES,),
    ),
    Check(
        "passphrase",
        Group.STATE,
        "The passphrase opens the state",
        _passphrase,
        "bring back the file, or name it with CYGNI_PASSPHRASE_FILE",
        needs=(PASSPHRASE,),
    ),
    Check(
        "locks",
        Group.STATE,
        "No engine that was killed holds a stack",
        _locks,
        "`cx unlock`; `--fix` removes the locks of the dead",
        needs=(STATES, ENVIRONMENT),
    ),
    Check(
        "holder",
        Group.STATE,
        "No other command works on the environment",
        _holder,
        "wait for it with `--lock-wait`",
        needs=(HOLDER, ENVIRONMENT),
    ),
    Check(
        "pending",
        Group.STATE,
        "No operation was left unfinished",
        _pending,
        "`cx deploy` looks up what was in flight, and goes on",
        needs=(STATES, ENVIRONMENT),
    ),
    Check(
        "state-account",
        Group.STATE,
        "What is deployed is in this account",
        _account,
        "give the credentials of that account",
        needs=(STATES, ACCOUNT),
        quick=True,
    ),
    Check(
        "local-life",
        Group.STATE,
        "The local cloud still has what is deployed",
        _local_life,
        "`cx deploy --refresh` makes it again",
        needs=(LOCAL_LIFE,),
    ),
)
