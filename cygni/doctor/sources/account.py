"""What AWS says of the caller and of the account."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from cygni.doctor.checks.account import (
    CREDENTIALS,
    IDENTITY,
    PERMISSIONS,
    REGION,
    ROLES,
    Credentials,
    Denied,
    Identity,
    Permissions,
    Region,
    ServiceRoles,
)
from cygni.doctor.checks.machine import CLOCK, Clock
from cygni.doctor.checks.project import PLAN, Planned
from cygni.doctor.checks.state import ACCOUNT
from cygni.doctor.facts import Fact, Facts, NotKnown, Source
from cygni.doctor.sources.cloud import CLOUD, Cloud, asking
from cygni.errors import AuthError, CygniError
from cygni.service_linked_roles import SERVICE_LINKED_ROLES

_BATCH: Final = 100
"""Actions in one SimulatePrincipalPolicy: an answer has at most a hundred results unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What came of one STS GetCallerIdentity: the ARN, or the code and message of the refusal; `ahead` is this
    machine's clock minus AWS's in seconds, None where the answer had no date."""

    arn: str
    code: str
    said: str
    ahead: float | None


HELLO: Final = Fact[Hello]("hello", "an answer of AWS")


def sources() -> tuple[Source[Any], ...]:
    """Gather everything about the caller and the account, from `CLOUD` and the plan."""
    return (
        Source(CREDENTIALS, _credentials),
        Source(HELLO, _hello, (CLOUD, CREDENTIALS), limit=12.0),
        Source(IDENTITY, _identity, (HELLO, CREDENTIALS)),
        Source(ACCOUNT, lambda facts: facts[IDENTITY].arn.split(":")[4], (IDENTITY,)),
        Source(CLOCK, _clock, (HELLO,)),
        Source(REGION, _region, (CLOUD, IDENTITY)),
        Source(PERMISSIONS, _permissions, (CLOUD, IDENTITY, PLAN), limit=20.0),
        Source(ROLES, _roles, (CLOUD, IDENTITY, PLAN)),
    )


def _credentials(facts: Facts) -> Credentials:
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    profile = os.environ.get("AWS_PROFILE", "")
    try:
        found = Session().get_credentials()
    except BotoCoreError as error:
        raise AuthError(f"the credentials cannot be read: {error}", hint=_log_in("", profile)) from None
    if found is None:
        raise AuthError("no credentials for AWS were found", hint="aws configure sso")
    return Credentials(found.method, profile, _ends_in(found))


def _ends_in(credentials: Any) -> float | None:
    """Those that are asked for anew by themselves do not end."""
    ends = os.environ.get("AWS_CREDENTIAL_EXPIRATION") if credentials.method == "env" else None
    if not ends:
        return None
    try:
        return (datetime.fromisoformat(ends) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None


def _hello(facts: Facts) -> Hello:
    from botocore.exceptions import BotoCoreError, ClientError

    begun = time.time()
    try:
        answer = facts[CLOUD].clients("sts").get_caller_identity()
        arn, code, said = str(answer["Arn"]), "", ""
    except ClientError as error:
        answer = error.response
        arn, code, said = "", *(str(answer.get("Error", {}).get(key, "")) for key in ("Code", "Message"))
    except BotoCoreError as error:
        profile = facts[CREDENTIALS].profile
        fix = (
            _log_in(facts[CREDENTIALS].method, profile)
            if _is_login(error)
            else "curl --head https://sts.amazonaws.com"
        )
        raise AuthError(f"AWS did not say whose credentials these are: {error}", hint=fix) from None
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return Hello(arn, code, said, _ahead(date, (begun + time.time()) / 2))


def _is_login(error: Exception) -> bool:
    return any(word in type(error).__name__ for word in ("SSO", "Token", "Credential", "Login"))


def _ahead(date: str | None, now: float) -> float | None:
    try:
        return None if not date else now - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return None


def _identity(facts: Facts) -> Identity:
    hello, method, profile = facts[HELLO], facts[CREDENTIALS].method, facts[CREDENTIALS].profile
    if not hello.arn:
        raise AuthError(
            f"AWS refuses these credentials: {hello.said or hello.code}", hint=_log_in(method, profile)
        )
    return Identity(hello.arn, principal_of(hello.arn))


def _log_in(method: str, profile: str) -> str:
    """What gives other credentials, by where these came from."""
    named = f" --profile {profile}" if profile else ""
    if method == "env":
        return "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    if method.startswith(("sso", "assume-role", "login")):
        return f"aws sso login{named}"
    return f"aws configure{named}"


def principal_of(arn: str) -> str:
    """The ARN that policies are attached to: a user's own, or the role's of a session; empty for the root user. The
    path of a role is not in the ARN of its sessions (pure)."""
    _, partition, _, _, account, name = arn.split(":", 5)
    kind, _, rest = name.partition("/")
    if kind == "assumed-role":
        return f"arn:{partition}:iam::{account}:role/{rest.partition('/')[0]}"
    return arn if kind in ("user", "role") else ""


def _clock(facts: Facts) -> Clock:
    ahead = facts[HELLO].ahead
    if ahead is None:
        raise NotKnown("the answer of AWS has no date")
    return Clock(ahead, platform.system())


def _region(facts: Facts) -> Region:
    cloud = facts[CLOUD]
    with asking("the regions of the account"):
        # Asked where every account may: a region that is not enabled does not answer itself.
        found = cloud.clients("ec2", "us-east-1").describe_regions(
            AllRegions=True, Filters=[{"Name": "region-name", "Values": [cloud.region]}]
        )["Regions"]
    return Region(
        cloud.region,
        next((str(one["OptInStatus"]) for one in found if one["RegionName"] == cloud.region), ""),
    )


@cache
def actions() -> Mapping[str, Mapping[str, list[str]]]:
    """By type token, the IAM actions that it takes to make and change, and to remove, a resource of that type."""
    text = (resources.files("cygni.doctor") / "tables" / "actions.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, list[str]]] = json.loads(text)
    return found


def needed(plan: Planned) -> tuple[list[str], list[str]]:
    """The actions that a plan takes, and the types that nothing is known of (pure)."""
    table = actions()
    wanted = {action for token in plan.kept | plan.removed for action in table.get(token, {}).get("make", ())}
    wanted |= {action for token in plan.removed for action in table.get(token, {}).get("remove", ())}
    return sorted(wanted), sorted((plan.kept | plan.removed) - table.keys())


def _permissions(facts: Facts) -> Permissions:
    plan, identity = facts[PLAN], facts[IDENTITY]
    if identity.is_root:
        raise NotKnown("the root user may do everything")
    if not plan.changes:
        raise NotKnown("the plan changes nothing")
    asked, unknown = needed(plan)
    with asking("the simulation of the caller's policies"):
        denied = tuple(_denied(facts[CLOUD], identity.principal, asked))
    return Permissions(len(asked), len(plan.kept | plan.removed), denied, tuple(unknown))


def _denied(cloud: Cloud, principal: str, asked: list[str]) -> Iterator[Denied]:
    iam = cloud.clients("iam")
    for at in range(0, len(asked), _BATCH):
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=principal, ActionNames=asked[at : at + _BATCH]
        )
        for page in pages:
            yield from map(
                _refusal, (one for one in page["EvaluationResults"] if one["EvalDecision"] != "allowed")
            )


def _refusal(result: Mapping[str, Any]) -> Denied:
    explicit = result["EvalDecision"] == "explicitDeny"
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return Denied(result["EvalActionName"], "organization", explicit)
    boundary = result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary")
    return Denied(result["EvalActionName"], "boundary" if boundary is False else "policy", explicit)


def _roles(facts: Facts) -> ServiceRoles:
    types = {one.type for one in facts[PLAN].made}
    wanted = {service: role.name for service, role in SERVICE_LINKED_ROLES.items() if types & role.types}
    if not wanted:
        raise NotKnown("the plan makes nothing that takes a service-linked role")
    iam = facts[CLOUD].clients("iam")
    with asking("the service-linked roles of the account"):
        there = [name for name, role in wanted.items() if _exists(iam, role)]
    missing = tuple(name for name in wanted if name not in there)
    return ServiceRoles(tuple(there), missing, _may_make(facts) if missing else None)


def _exists(iam: Any, role: str) -> bool:
    try:
        iam.get_role(RoleName=role)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _may_make(facts: Facts) -> bool | None:
    principal = facts[IDENTITY].principal
    if not principal:
        return True
    try:
        with asking("the simulation of the caller's policies"):
            return not _any(_denied(facts[CLOUD], principal, ["iam:CreateServiceLinkedRole"]))
    except CygniError:
        return None


def _any(found: Iterable[Any]) -> bool:
    return next(iter(found), None) is not None
