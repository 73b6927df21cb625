"""Checks of the control plane that the machine is signed in to: it answers, and knows the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed, skipped, warned
from cygni.doctor.facts import Fact, Facts
from cygni.errors import AuthError


@dataclass(frozen=True, slots=True)
class Membership:
    """The organizations, by their slugs, that the control plane at `url` lets the caller in. `scopes` are of an API
    key, None for a person, and where an older control plane does not tell them."""

    url: str
    organizations: tuple[str, ...]
    scopes: frozenset[str] | None = None


MEMBERSHIP: Final = Fact[Membership]("membership", "the control plane")
_SIGN_IN: Final = "cx login URL"
_FOR_DEPLOYS: Final = ("deployment:create", "deployment:read", "environment:read", "project:read")
"""What a pipeline needs to find its environment, to send a source, to deploy it and to follow that."""


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
        return failed(
            f"in no organization of {found.url}", "cx org create SLUG as an operator, or an invitation"
        )
    return passed(f"in {', '.join(found.organizations)}")


def _may_deploy(facts: Facts) -> Finding:
    scopes = facts[MEMBERSHIP].scopes
    if scopes is None:
        return skipped("a person is signed in, whose role says what they may")
    missing = [one for one in _FOR_DEPLOYS if one not in scopes]
    if not missing:
        return passed(f"the API key may {', '.join(sorted(scopes))}")
    options = " ".join(f"--scope {one}" for one in sorted({*scopes, *missing}))
    return warned(
        f"the API key may not {', '.join(missing)}, which a deploy takes",
        f"cx token create NAME {options}, and put the key into CYGNI_API_KEY",
    )


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
        "`cx login URL`, or another API key in CYGNI_API_KEY; `cx org create` as an operator, or an invitation",
        tries=(MEMBERSHIP,),
    ),
    Check(
        "control-plane-scopes",
        Group.CONTROL_PLANE,
        "The API key may deploy",
        _may_deploy,
        "`cx token create NAME --scope deployment:create ...`; keys are not changed, they are replaced",
        needs=(MEMBERSHIP,),
    ),
)
