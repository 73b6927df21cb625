"""Checks of the AWS account: whose credentials these are, what they may do, and what the account has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed, warned
from cygni.doctor.facts import Fact, Facts

SOON: Final = 900.0
"""Seconds: credentials that end earlier may end within a deploy."""

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the credentials come from, as the AWS SDK calls it (`env`, `sso`, `assume-role`, ...); `ends_in` is in
    seconds, None for those that do not end, `profile` the one that is named, if any."""

    method: str
    profile: str
    ends_in: float | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials are: the ARN that STS tells, and the ARN that policies are attached to, which for an
    assumed role is the role's; empty for the account's root user."""

    arn: str
    principal: str

    @property
    def is_root(self) -> bool:
        return not self.principal


@dataclass(frozen=True, slots=True)
class Region:
    """A region's opt-in status, as EC2 DescribeRegions words it; empty where AWS does not know the region."""

    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Denied:
    """An action that the simulation denied; `by` is what did: `policy` (nothing allows it, or something forbids it),
    `boundary` (the principal's permissions boundary) or `organization` (a policy of AWS Organizations)."""

    action: str
    by: str
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a simulation said of the `asked` actions, which are what `types` of resources take."""

    asked: int
    types: int
    denied: tuple[Denied, ...]
    unknown_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceRoles:
    """The service-linked roles that the plan's types take: the AWS service names of those that there are, and of those
    that there are not."""

    there: tuple[str, ...]
    missing: tuple[str, ...]
    may_make: bool | None = None
    """Whether the credentials may make them, None where that is not known."""


CREDENTIALS: Final = Fact[Credentials]("credentials", "credentials for AWS")
IDENTITY: Final = Fact[Identity]("identity", "whose credentials these are")
REGION: Final = Fact[Region]("region", "whether the region is enabled")
PERMISSIONS: Final = Fact[Permissions]("permissions", "what the credentials may do")
ROLES: Final = Fact[ServiceRoles]("roles", "the service-linked roles")


def _credentials(facts: Facts) -> Finding:
    error = facts.error(CREDENTIALS) or facts.error(IDENTITY)  # without the first there is none of the second
    if error is not None:
        return failed(error.message, error.hint or "aws configure")
    found = facts[CREDENTIALS]
    profile = f", profile {found.profile}" if found.profile else ""
    return passed(f"{facts[IDENTITY].arn} ({found.method}{profile})")


def _root(facts: Facts) -> Finding:
    found = facts[IDENTITY]
    if not found.is_root:
        return passed(f"{found.principal} is not the root user")
    evidence = f"{found.arn} is the root user, whom no policy can hold back"
    return warned(evidence, "aws configure sso")


def _ending(facts: Facts) -> Finding:
    found = facts[CREDENTIALS]
    if found.ends_in is None:
        return passed("they do not end, or renew themselves")
    told = f"they end in {max(0.0, found.ends_in) / 60:.0f} min"
    if found.ends_in < SOON:
        profile = f" --profile {found.profile}" if found.profile else ""
        return warned(f"{told}, which may be within a deploy", f"aws sso login{profile}")
    return passed(told)


def _region(facts: Facts) -> Finding:
    found = facts[REGION]
    if found.status in ("opted-in", "opt-in-not-required"):
        return passed(f"{found.name} is enabled")
    if not found.status:
        return failed(f"AWS knows no region {found.name} here", "Write another `region:` in cygni.yaml.")
    return failed(
        f"{found.name} is not enabled in this account; enabling it takes some minutes",
        f"aws account enable-region --region-name {found.name}",
    )


def _permissions(facts: Facts) -> Finding:
    principal, error = facts[IDENTITY].principal, facts.error(PERMISSIONS)
    if error is not None:
        asking = [Denied("iam:SimulatePrincipalPolicy", "policy")]
        return warned(f"it could not be asked: {error.message}", "\n".join(_allowing(principal, asking)))
    found = facts[PERMISSIONS]
    if not found.denied:
        more = f"; not asked for {', '.join(found.unknown_types)}" if found.unknown_types else ""
        return passed(
            f"the {found.asked} actions that {found.types} types of resources take are allowed{more}"
        )
    told = f"{len(found.denied)} of {found.asked} actions are denied: {_listed(found.denied)}"
    return failed(told, "\n".join(_allowing(principal, found.denied)))


def _listed(denied: Sequence[Denied]) -> str:
    words = {"boundary": " (by the permissions boundary)", "organization": " (by the organization)"}
    names = [one.action + (" (forbidden)" if one.explicit else words.get(one.by, "")) for one in denied]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _allowing(principal: str, denied: Sequence[Denied]) -> list[str]:
    """What gives the actions back, by what denies them."""
    lines = []
    lacking = [one.action for one in denied if one.by == "policy" and not one.explicit]
    if lacking:
        kind, name = _kind(principal)
        document = json.dumps(policy_allowing(lacking), separators=(",", ":"))
        lines.append(
            f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name cygni-deploy --policy-document '{document}'"
        )
    words = {
        "policy": f"Remove the statement that forbids {{}} from the policies of {principal}.",
        "boundary": f"Let the permissions boundary of {principal} allow {{}}.",
        "organization": "Let the service control policies of the organization allow {}.",
    }
    for by, sentence in words.items():
        others = [one.action for one in denied if one.by == by and (by != "policy" or one.explicit)]
        if others:
            lines.append(sentence.format(", ".join(others)))
    return lines


def _kind(principal: str) -> tuple[str, str]:
    """`user` or `role`, and the name that IAM's operations take."""
    kind, _, name = principal.rpartition(":")[2].partition("/")
    return kind, name.rpartition("/")[2]


def policy_allowing(actions: Sequence[str]) -> Mapping[str, object]:
    """An IAM policy that allows these actions on everything."""
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _roles(facts: Facts) -> Finding:
    found = facts[ROLES]
    if not found.missing:
        return passed(f"{', '.join(found.there)} have theirs" if found.there else "the plan takes none")
    fix = "\n".join(f"aws iam create-service-linked-role --aws-service-name {name}" for name in found.missing)
    told = f"{', '.join(found.missing)} have none in this account yet"
    if found.may_make is False:
        return failed(f"{told}, and these credentials may not make them", fix)
    return warned(f"{told}; AWS makes them at first use, which can fail that first time", fix)


CHECKS: Final = (
    Check(
        "credentials",
        Group.ACCOUNT,
        "AWS knows the credentials",
        _credentials,
        "log in, or give other credentials",
        tries=(CREDENTIALS, IDENTITY),
        quick=True,
    ),
    Check(
        "root",
        Group.ACCOUNT,
        "The credentials are not the root user's",
        _root,
        "use a role or a user of your own",
        needs=(IDENTITY,),
        quick=True,
    ),
    Check(
        "ending",
        Group.ACCOUNT,
        "The credentials outlast a deploy",
        _ending,
        "log in again",
        needs=(CREDENTIALS, IDENTITY),
        quick=True,
    ),
    Check(
        "region",
        Group.ACCOUNT,
        "The region is enabled in the account",
        _region,
        "`aws account enable-region`, or another `region` in cygni.yaml",
        needs=(REGION,),
        quick=True,
    ),
    Check(
        "permissions",
        Group.ACCOUNT,
        "The credentials may do what the plan needs",
        _permissions,
        "the policy that it prints, attached to the user or role; or a wider boundary",
        needs=(IDENTITY,),
        tries=(PERMISSIONS,),
    ),
    Check(
        "service-roles",
        Group.ACCOUNT,
        "Services have the roles that are linked to them",
        _roles,
        "`aws iam create-service-linked-role`",
        needs=(ROLES,),
    ),
)
