"""The way of a domain from a name somebody typed to a certificate: what is seen decides its next status (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import Final

LONGEST_WAIT: Final = timedelta(hours=72)
"""For a record to be set. ACM waits as long ("DNS validation" of its User Guide)."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_WATCH: Final = timedelta(hours=24)
"""A certificate that is issued is looked at once a day: ACM renews it for as long as its record is there."""
_LABEL: Final = "_cygni"
_SAYS: Final = "cygni-domain-verification="


class Status(StrEnum):
    """`PENDING` until it is looked at, `VERIFYING` until its owner is known, `PROVISIONING` until the certificate is
    issued, which is all that `ACTIVE` says: whether something serves with it is told beside. `FAILED` goes on when
    somebody asks for a check; `REMOVING` ends once nothing serves with its certificate."""

    PENDING = auto()
    VERIFYING = auto()
    PROVISIONING = auto()
    ACTIVE = auto()
    FAILED = auto()
    REMOVING = auto()


@dataclass(frozen=True, slots=True)
class Record:
    """To be set in the DNS, as it is written there; `purpose` is for people. `zone_id` is that of Route 53's zone which
    an ALIAS leads into."""

    type: str
    name: str
    value: str
    purpose: str
    zone_id: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """As ACM has it: `status` in its words, the records that it asks for, and why it failed if it did."""

    arn: str
    status: str
    records: tuple[Record, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The status that follows, and `reason` for people where it is not the end; `pause` is until the next look, None
    where none is to come."""

    status: Status
    reason: str | None
    pause: timedelta | None


TAKEN: Final = Step(Status.FAILED, "another organization has verified this domain", None)
"""Told only to who has shown its own token: nobody learns by guessing who else is here."""


def ownership_record(name: str, token: str) -> Record:
    return Record("TXT", f"{_LABEL}.{name}", f"{_SAYS}{token}", "shows that the domain is yours")


def leading_record(
    name: str, environment: str, load_balancer: str, zone: str | None, *, is_zone: bool
) -> Record:
    """Leads a name to the load balancer of its environment. The top of a zone can have no CNAME (RFC 1034)."""
    purpose = f"leads to the load balancer of {environment}"
    if is_zone:
        return Record("ALIAS", name, load_balancer, purpose, zone)
    return Record("CNAME", name, load_balancer, purpose)


def is_shown(token: str, texts: frozenset[str]) -> bool:
    """Whether the token is in one of the texts, as they are written in a zone file: in quotes."""
    return any(one.strip('"') == f"{_SAYS}{token}" for one in texts)


def after_looking_for_the_owner(
    *, shown: bool, checks: int, since: timedelta, problem: str | None = None
) -> Step:
    """`checks` were made before in this status, which is `since` so long. `problem`: why the DNS could not be asked."""
    if shown:
        return Step(Status.PROVISIONING, "the certificate is being requested", timedelta())
    if since > LONGEST_WAIT:
        return Step(Status.FAILED, f"its TXT record was not found in {_hours(LONGEST_WAIT)} hours", None)
    return Step(Status.VERIFYING, problem or "its TXT record is not found yet", _pause(checks))


def after_looking_at_the_certificate(certificate: Certificate, *, checks: int) -> Step:
    if certificate.status == "ISSUED":
        return Step(Status.ACTIVE, None, _WATCH)
    if certificate.status == "PENDING_VALIDATION":
        waits = "its CNAME record is not found yet" if certificate.records else "ACM names the record soon"
        return Step(Status.PROVISIONING, waits, _pause(checks) if certificate.records else _FIRST_PAUSE / 6)
    why = certificate.reason or certificate.status
    return Step(Status.FAILED, f"ACM gives no certificate: {why.replace('_', ' ').lower()}", None)


def after_a_problem(status: Status, problem: str, *, checks: int) -> Step:
    """AWS could not be asked: that says nothing of the domain."""
    return Step(status, problem, _pause(checks))


def while_removing(*, deploys: bool, served: bool, deleted: bool, checks: int) -> Step | None:
    """None where the domain is gone: its certificate is `deleted`. That is not tried while a deployment of its
    environment `deploys`, which may have its certificate in hand, nor while a load balancer `served` with it."""
    if deploys:
        return Step(Status.REMOVING, "a deployment of its environment is under way", _FIRST_PAUSE)
    if served:
        return Step(Status.REMOVING, None, _pause(checks))
    if not deleted:
        return Step(Status.REMOVING, "AWS says that something serves with its certificate", _pause(checks))
    return None


def standing(status: Status, reason: str | None, *, environment: str | None, served: bool) -> str | None:
    """What is to be said of a domain of `environment` besides its status."""
    if reason is not None:
        return reason
    if status is Status.ACTIVE and environment is None:
        return "it needs an environment, whose load balancer serves it"
    if status is Status.ACTIVE and not served:
        return f"the next deployment of {environment} puts its certificate before the load balancer"
    if status is Status.REMOVING and served and environment is not None:
        return f"the load balancer of {environment} has its certificate until the next deployment"
    return None


def _pause(checks: int) -> timedelta:
    return min(_FIRST_PAUSE * int(2 ** min(checks // 5, 10)), _LONGEST_PAUSE)


def _hours(time: timedelta) -> int:
    return int(time.total_seconds() // 3600)
