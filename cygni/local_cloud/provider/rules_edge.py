"""What a plain comparison gets wrong of names, certificates and what guards the entrance; joined into the tables of
rules.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

State = Mapping[str, Any]
Rule = Callable[[str, Any, Any, State, State], bool]

_CERTIFICATE = "aws:acm/certificate:Certificate"
_RECORD = "aws:route53/record:Record"
_ZONE = "aws:route53/zone:Zone"
_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_WEB_ACL = "aws:wafv2/webAcl:WebAcl"


def _plain(name: Any) -> str:
    return str(name).rstrip(".").lower()


def _same_name(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """DNS ignores case and the dot at the end."""
    return isinstance(old, str) and isinstance(new, str) and _plain(old) == _plain(new)


def _same_target(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new) == 1):
        return False
    before, after = old[0], new[0]
    if not (isinstance(before.get("name"), str) and isinstance(after.get("name"), str)):
        return False
    return {**before, "name": _plain(before["name"])} == {**after, "name": _plain(after["name"])}


def _same_names_with_first(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """The first name of a certificate is one of its names, written or not."""
    if not isinstance(old, list) or not isinstance(new, list):
        return False
    first = news.get("domainName")
    return {*old, first} == {*new, first}


SUPPRESSED: Mapping[tuple[str, str], Rule] = {
    (_CERTIFICATE, "subjectAlternativeNames"): _same_names_with_first,
    (_RECORD, "name"): _same_name,
    (_RECORD, "aliases"): _same_target,
}

MOVED_BY: Mapping[tuple[str, str], frozenset[str]] = {
    (_WEB_ACL, "lockToken"): frozenset({"defaultAction", "description", "rules", "visibilityConfig"}),
    (_WEB_ACL, "capacity"): frozenset({"rules"}),
    **{
        (_DISTRIBUTION, name): frozenset(
            {
                "aliases", "comment", "customErrorResponses", "defaultCacheBehavior", "defaultRootObject", "enabled",
                "httpVersion", "isIpv6Enabled", "loggingConfig", "orderedCacheBehaviors", "origins", "priceClass",
                "restrictions", "viewerCertificate", "webAclId",
            }
        )
        for name in ("etag", "lastModifiedTime", "status")
    },
    ("aws:cloudfront/originAccessControl:OriginAccessControl", "etag"): frozenset(
        {"description", "name", "originAccessControlOriginType", "signingBehavior", "signingProtocol"}
    ),
}  # fmt: skip

NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _CERTIFICATE: (
        "certificateAuthorityArn", "certificateBody", "certificateChain", "earlyRenewalDuration", "privateKey",
        "privateKeyWo", "privateKeyWoVersion",
    ),
    _DISTRIBUTION: (
        "anycastIpListId", "cacheTagConfig", "connectionFunctionAssociation", "continuousDeploymentPolicyId",
        "originGroups", "staging", "viewerMtlsConfig",
    ),
    _RECORD: ("cidrRoutingPolicy", "geoproximityRoutingPolicy"),
    "aws:guardduty/detector:Detector": ("datasources",),
    _WEB_ACL: ("associationConfig", "dataProtectionConfig", "monetizationConfig", "ruleJson"),
    _ZONE: ("enableAcceleratedRecovery",),
}  # fmt: skip

_POLICIES = (
    "failoverRoutingPolicies", "geolocationRoutingPolicies", "latencyRoutingPolicies", "multivalueAnswerRoutingPolicy",
    "weightedRoutingPolicies",
)  # fmt: skip


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    if token == _CERTIFICATE and inputs.get("validationMethod") is None:
        yield "validationMethod", "a certificate that Amazon issues needs validationMethod"
    elif token == _RECORD:
        if inputs.get("records") is not None and inputs.get("ttl") is None:
            yield "ttl", "records need ttl"
        if inputs.get("setIdentifier") is not None and not any(inputs.get(name) for name in _POLICIES):
            yield "setIdentifier", "setIdentifier needs a routing policy"
