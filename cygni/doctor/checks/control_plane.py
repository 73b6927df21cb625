"""Checks of the control plane that the machine is signed in to: it answers, and knows the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed
from cygni.doctor.facts import Fact, Facts
from cygni.errors import AuthError


@dataclass(frozen=True, slots=True)
class Membership:
    """The organizations, by their slugs, that the control plane at `url` lets the caller in. It tells nobody the
    scopes of an API key, so they are not judged."""

    url: str
    organizations: tuple[str, ...]


MEMBERSHIP: Final = Fact[Membership]("membership", "the control plane")
_SIGN_IN: Final = "cx login URL"


def _answers(facts: Facts) -> Finding:
    error = facts.error(MEMBERSHIP)
    if error is None:
        return passed(f"{facts[MEMBERSHIP].url} answers")
    if isinstance(error, AuthError):
        return passed("it answers, and refuses the credentials")
    return failed(error.message, error.hint or _SIGN_IN)


def _knows_the_caller(facts: Facts) -> Finding:
    error = facts.error(MEMBERSHIP)
    if error is not None:
        return failed(error.message, error.hint or _SIGN_IN)
    found = facts[MEMBERSHIP]
    if not found.organizations:
        return failed(f"in no organization of {found.url}", "cx org create SLUG")
    return passed(f"in {', '.join(found.organizations)}")


CHECKS: Final = (
    Check(
        "control-plane-answers",
        Group.CONTROL_PLANE,
        "The control plane answers",
        _answers,
        "start it (`cx server`), or correct its address",
        tries=(MEMBERSHIP,),
    ),
    Check(
        "control-plane-login",
        Group.CONTROL_PLANE,
        "It knows the caller, who is in an organization",
        _knows_the_caller,
        "`cx login URL`, or another API key in CYGNI_API_KEY; `cx org create`, or an invitation",
        tries=(MEMBERSHIP,),
    ),
)
