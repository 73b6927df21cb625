"""Checks of certificates: issued, for long enough, for every name, and trusted as they are served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed, warned
from cygni.doctor.checks.domain import change_record
from cygni.doctor.checks.state import ENVIRONMENT
from cygni.doctor.facts import Fact, Facts

EXPIRES_SOON: Final = 30.0
"""Days. ACM renews its own 60 days before they expire and begins to warn at 45 (ACM user guide, "Managed certificate
renewal"): one that is nearer has not been renewed."""
EXPIRES_NOW: Final = 7.0


@dataclass(frozen=True, slots=True)
class Proof:
    """The record by which ACM sees that a name is the account's; `there` is whether the resolver has it, and `zone_id`
    the zone that it belongs into, if that is this account's."""

    name: str
    value: str
    there: bool
    zone_id: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of ACM. `status` as ACM words it (ISSUED, PENDING_VALIDATION, FAILED, ...), `expires_in` in days,
    None for one that was never issued; `imported` ones are not renewed by ACM."""

    arn: str
    status: str
    names: tuple[str, ...]
    expires_in: float | None
    imported: bool
    proofs: tuple[Proof, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates in the region that cover any of the `hosts` that the project is reached by."""

    hosts: tuple[str, ...]
    found: tuple[Certificate, ...]
    region: str


@dataclass(frozen=True, slots=True)
class Served:
    """What a host answers HTTPS with: `problem` in the words of the TLS library, empty where the chain is trusted and
    of this name; None where it does not answer."""

    host: str
    problem: str | None


CERTIFICATES: Final = Fact[Certificates]("certificates", "the certificates")
SERVED: Final = Fact[tuple[Served, ...]]("served", "the certificate that is served")


def covers(pattern: str, host: str) -> bool:
    """Whether a name of a certificate is for a host: a `*` stands for one whole label (RFC 6125) (pure)."""
    if pattern.startswith("*."):
        return host == pattern or host.partition(".")[2] == pattern[2:]
    return pattern == host


def of_host(certificates: Certificates, host: str) -> tuple[Certificate, ...]:
    """The certificates with a name for a host, issued ones first."""
    found = [one for one in certificates.found if any(covers(name, host) for name in one.names)]
    return tuple(sorted(found, key=lambda one: one.status != "ISSUED"))


def _status(facts: Facts) -> Finding:
    bad = [one for one in _best(facts[CERTIFICATES]) if one.status != "ISSUED"]
    if not bad:
        return passed("all are issued")
    told = "; ".join(
        f"that of {', '.join(one.names)} is {one.status}{f' ({one.reason})' if one.reason else ''}"
        for one in bad
    )
    waiting = all(one.status == "PENDING_VALIDATION" for one in bad)
    lacking = [proof for one in bad for proof in one.proofs if not proof.there]
    if waiting and not lacking:
        again = f"cx doctor -e {facts[ENVIRONMENT]} certificate"
        return warned(f"{told}, and its proof is in the DNS: AWS sees it within 30 minutes", again)
    region = facts[CERTIFICATES].region
    fixes = [_prove(proof) for proof in lacking] if waiting else []
    for one in bad:
        if one.status != "PENDING_VALIDATION":
            fixes.append(f"aws acm delete-certificate --certificate-arn {one.arn} --region {region}")
            fixes.append(f"cx deploy -e {facts[ENVIRONMENT]} --refresh")
    return failed(told, "\n".join(dict.fromkeys(fixes)))


def _best(certificates: Certificates) -> list[Certificate]:
    """For each host the certificate that serves it best, each once."""
    found = [certificate for host in certificates.hosts for certificate in of_host(certificates, host)[:1]]
    return list({one.arn: one for one in found}.values())


def _prove(proof: Proof) -> str:
    if not proof.zone_id:
        return f"Add to the DNS: {proof.name} CNAME {proof.value}"
    values = [{"Value": proof.value}]
    return change_record(
        proof.zone_id, {"Name": proof.name, "Type": "CNAME", "TTL": 300, "ResourceRecords": values}
    )


def _expiry(facts: Facts) -> Finding:
    ending = [
        (one, one.expires_in)
        for one in _best(facts[CERTIFICATES])
        if one.expires_in is not None and one.expires_in < EXPIRES_SOON
    ]
    if not ending:
        return passed(f"none ends within {EXPIRES_SOON:.0f} days")
    told = "; ".join(f"that of {', '.join(one.names)} ends in {days:.0f} days" for one, days in ending)
    region = facts[CERTIFICATES].region
    fix = "\n".join(_renew(one, region) for one, _ in ending)
    judge = failed if any(days < EXPIRES_NOW for _, days in ending) else warned
    return judge(told, fix)


def _renew(certificate: Certificate, region: str) -> str:
    if certificate.imported:
        return (
            f"aws acm import-certificate --certificate-arn {certificate.arn} --certificate fileb://certificate.pem "
            f"--private-key fileb://key.pem --certificate-chain fileb://chain.pem --region {region}"
        )
    lacking = [proof for proof in certificate.proofs if not proof.there]
    if lacking:
        return "\n".join(_prove(proof) for proof in lacking)
    return f"aws acm renew-certificate --certificate-arn {certificate.arn} --region {region}"


def _names(facts: Facts) -> Finding:
    found = facts[CERTIFICATES]
    bare = [host for host in found.hosts if not of_host(found, host)]
    if not bare:
        return passed(f"{', '.join(found.hosts)} have one")
    return warned(f"no certificate has the name {', '.join(bare)} yet", f"cx deploy -e {facts[ENVIRONMENT]}")


def _chain(facts: Facts) -> Finding:
    bad = {one.host: one.problem for one in facts[SERVED] if one.problem}
    silent = [one.host for one in facts[SERVED] if one.problem is None]
    if bad:
        told = "; ".join(f"{host}: {problem}" for host, problem in bad.items())
        return failed(told, f"cx deploy -e {facts[ENVIRONMENT]} --refresh")
    if silent:
        return warned(f"{', '.join(silent)} do not answer HTTPS", f"cx status -e {facts[ENVIRONMENT]}")
    return passed("what is served is trusted, and of its name")


CHECKS: Final = (
    Check(
        "certificate",
        Group.CERTIFICATES,
        "The certificates are issued",
        _status,
        "write the record that proves the name; a failed one is deleted and asked for anew",
        needs=(CERTIFICATES, ENVIRONMENT),
    ),
    Check(
        "certificate-names",
        Group.CERTIFICATES,
        "Every name of the domain has a certificate",
        _names,
        "`cx deploy` asks for it",
        needs=(CERTIFICATES, ENVIRONMENT),
    ),
    Check(
        "certificate-expiry",
        Group.CERTIFICATES,
        "No certificate is about to end",
        _expiry,
        "bring back the record by which ACM renews it, or import a new one",
        needs=(CERTIFICATES, ENVIRONMENT),
    ),
    Check(
        "certificate-chain",
        Group.CERTIFICATES,
        "What is served is trusted, and of its name",
        _chain,
        "deploy again after a look at what is there",
        needs=(SERVED, ENVIRONMENT),
    ),
)
