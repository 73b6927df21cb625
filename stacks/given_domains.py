"""Domains that a control plane keeps, with the certificates that it had made: an environment's load balancer has them
beside those of `domain` in cygni.yaml.

The certificates are not the engine's: a deploy puts them before the load balancer and takes them off again, and who
had them made deletes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cygni.errors import StateError
from cygni.naming import Part
from cygni.spec import ProjectSpec
from stacks.inputs import FoundationInputs, StackInputs

FILE_VARIABLE = "CYGNI_DOMAINS_FILE"
"""Of the environment: a file as `given_domains` reads it."""


@dataclass(frozen=True, slots=True)
class GivenDomain:
    """`certificate` is the ARN of one that is issued."""

    name: str
    certificate: str


def given_domains(environ: Mapping[str, str]) -> tuple[GivenDomain, ...]:
    """What a worker gives a deploy: a JSON array of `name` and `certificate`, the first being the default. None where
    no worker deploys. Raises StateError."""
    file = environ.get(FILE_VARIABLE)
    if not file:
        return ()
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        return tuple(GivenDomain(one["name"], one["certificate"]) for one in found)
    except (OSError, ValueError, KeyError, TypeError):
        raise StateError(f"{FILE_VARIABLE} names no file with domains") from None


def served(
    spec: ProjectSpec, given: Sequence[GivenDomain], *, region: str, account: str
) -> tuple[GivenDomain, ...]:
    """Those whose certificates a load balancer of `spec` can have, in `region` of `account` ("" for any) (pure)."""
    return tuple(one for one in given if _hindrance(spec, one, region, account) is None)


def left_out(spec: ProjectSpec, given: Sequence[GivenDomain], *, region: str, account: str) -> Iterator[str]:
    """A warning for each of the others (pure)."""
    for one in given:
        if (why := _hindrance(spec, one, region, account)) is not None:
            yield f"the domain {one.name} of the control plane is not put before the load balancer: {why}"


def with_domains(
    wanted: Mapping[Part, StackInputs], domains: Sequence[GivenDomain]
) -> Mapping[Part, StackInputs]:
    """The inputs with the certificates of `domains` in those of the foundation (pure)."""
    foundation = wanted[Part.FOUNDATION]
    assert isinstance(foundation, FoundationInputs)
    certificates = tuple((one.name, one.certificate) for one in domains)
    return {**wanted, Part.FOUNDATION: replace(foundation, certificates=certificates)}


def _hindrance(spec: ProjectSpec, domain: GivenDomain, region: str, account: str) -> str | None:
    *_, there, owner, _ = domain.certificate.split(":", 5)
    if not any(service.kind == "web" for service in spec.services.values()):
        return "there is none without a web service"
    if spec.domain is not None and spec.domain.cdn:
        return "`domain.cdn` lets nobody but CloudFront reach it"
    if spec.domain is not None and domain.name in (spec.domain.name, *spec.domain.aliases):
        return "`domain` of cygni.yaml has the name already"
    if there != region:
        return f"its certificate is in {there}, and the load balancer in {region}; remove it and add it there"
    if account and owner != account:
        return f"its certificate is in the AWS account {owner}, and the load balancer in {account}"
    return None
