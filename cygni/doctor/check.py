"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cygni.doctor.facts import Fact, Facts


class Status(StrEnum):
    """`skip`: there is nothing to judge, or what is needed for it could not be known."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


class Group(StrEnum):
    """What checks are shown under, in this order."""

    MACHINE = "machine"
    PROJECT = "project"
    STATE = "state"
    ACCOUNT = "account"
    QUOTAS = "quotas"
    DOMAIN = "domain"
    CERTIFICATES = "certificates"
    IMAGES = "images"
    CONTROL_PLANE = "control-plane"


class Repair(StrEnum):
    """What `--fix` may do: nothing that changes the project, the cloud or what is deployed."""

    INSTALL_ENGINE = "install-engine"
    CLOSE_DATA_FOLDER = "close-data-folder"
    REMOVE_DEAD_LOCKS = "remove-dead-locks"
    REMOVE_TORN_NOTES = "remove-torn-notes"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `evidence` is what was seen, in a sentence or a few; `fix` the exact command to type or
    setting to write, one a line, empty where nothing is to be fixed; `repair` what `--fix` does instead."""

    status: Status
    evidence: str
    fix: str = ""
    repair: Repair | None = None


def passed(evidence: str) -> Finding:
    return Finding(Status.PASS, evidence)


def warned(evidence: str, fix: str, repair: Repair | None = None) -> Finding:
    return Finding(Status.WARN, evidence, fix, repair)


def failed(evidence: str, fix: str, repair: Repair | None = None) -> Finding:
    return Finding(Status.FAIL, evidence, fix, repair)


def skipped(why: str) -> Finding:
    return Finding(Status.SKIP, why)


@dataclass(frozen=True, slots=True)
class Check:
    """One question of `cx doctor`.

    `needs` are facts without which it is skipped; `tries` are facts whose very error it judges (`Facts.error`); `after`
    are facts that it is glad of, and does without.
    `judge` is pure. `quick` checks also run before a deploy. `fixes` says in words how what it finds is mended, for
    the reference page.
    """

    id: str
    group: Group
    title: str
    judge: Callable[[Facts], Finding]
    fixes: str
    needs: tuple[Fact[Any], ...] = ()
    tries: tuple[Fact[Any], ...] = ()
    after: tuple[Fact[Any], ...] = ()
    quick: bool = False

    @property
    def facts(self) -> tuple[Fact[Any], ...]:
        return (*self.needs, *self.tries, *self.after)


@dataclass(frozen=True, slots=True)
class Result:
    """A check with what it found, and the seconds from the beginning until it was known."""

    check: Check
    finding: Finding
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        found = self.finding
        return {
            "id": self.check.id,
            "group": self.check.group.value,
            "title": self.check.title,
            "status": found.status.value,
            "evidence": found.evidence,
            "fix": found.fix or None,
            "fixable": found.repair is not None,
            "seconds": round(self.seconds, 2),
        }
