"""Where moto's CloudFront and WAF differ from AWS in a way that the stacks meet; applied by moto_fixes.py. Each with
its reason."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.patching import after, before


def fix_cloudfront() -> None:
    """moto keeps only some of a distribution's configuration. It takes names that another distribution has, and a
    certificate that is not there or not issued; it changes what somebody else has changed since, and deletes what is
    enabled or in use."""
    from moto.cloudfront import models

    class Config:
        """A DistributionConfig as it was given."""

        def __init__(self, config: dict[str, Any]) -> None:
            self.__dict__.update(copy.deepcopy(config))
            self.caller_reference = config["CallerReference"]
            behaviors = [
                config["DefaultCacheBehavior"],
                *(config.get("CacheBehaviors") or {}).get("Items", []),
            ]
            origins = {origin["Id"] for origin in config["Origins"]["Items"]}
            if not {behavior["TargetOriginId"] for behavior in behaviors} <= origins:
                raise models.OriginDoesNotExist

    def judge(backend: Any, config: dict[str, Any], own: str = "") -> None:
        names = set((config.get("Aliases") or {}).get("Items") or ())
        for other in backend.distributions.values():
            taken = names & set((_config(other).get("Aliases") or {}).get("Items") or ())
            if taken and other.id != own:
                raise _refusal("CNAMEAlreadyExists", f"{', '.join(sorted(taken))} belongs to {other.id}")
        certificate = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn")
        if names and not certificate:
            raise _refusal("InvalidViewerCertificate", "names of one's own need a certificate of one's own")
        if certificate and not _is_issued(certificate):
            raise _refusal(
                "InvalidViewerCertificate", f"{certificate} is not an issued certificate of us-east-1"
            )

    def judge_new(backend: Any, distribution_config: dict[str, Any], tags: Any) -> None:
        judge(backend, distribution_config)

    def judge_change(backend: Any, dist_config: dict[str, Any], _id: str, if_match: str) -> None:
        distribution = backend.distributions.get(_id)
        _match(distribution, if_match)
        judge(backend, dist_config, _id)
        if distribution is not None:
            distribution.etag = models.random_id()

    def refuse_enabled(backend: Any, distribution_id: str, if_match: str) -> None:
        distribution = backend.distributions.get(distribution_id)
        _match(distribution, if_match)
        if distribution is not None and _config(distribution)["Enabled"]:
            raise _refusal("DistributionNotDisabled", f"{distribution_id} must be disabled first")

    def refuse_used(backend: Any, control_id: str) -> None:
        for distribution in backend.distributions.values():
            origins = _config(distribution)["Origins"]["Items"]
            if any(origin.get("OriginAccessControlId") == control_id for origin in origins):
                raise _refusal("OriginAccessControlInUse", f"{distribution.id} uses {control_id}")

    models.DistributionConfig = Config
    before(models.CloudFrontBackend, "create_distribution_with_tags", judge_new)
    before(models.CloudFrontBackend, "update_distribution", judge_change)
    before(models.CloudFrontBackend, "delete_distribution", refuse_enabled)
    before(models.CloudFrontBackend, "delete_origin_access_control", refuse_used)


def _refusal(code: str, message: str) -> Exception:
    from moto.cloudfront.exceptions import CloudFrontException

    refusal: Exception = CloudFrontException(code, message)
    return refusal


def _config(distribution: Any) -> dict[str, Any]:
    return dict(vars(distribution.distribution_config))


def _match(distribution: Any, etag: str) -> None:
    if distribution is not None and etag and etag != distribution.etag:
        raise _refusal("PreconditionFailed", "the If-Match version is not the current one")


def _is_issued(arn: str) -> bool:
    from moto.acm.models import acm_backends

    _, _, _, region, account, _ = arn.split(":")
    certificate = acm_backends[account][region]._certificates.get(arn)  # noqa: SLF001
    return certificate is not None and region == "us-east-1" and certificate.status == "ISSUED"


def fix_wafv2() -> None:
    """moto lets several web ACLs stand before one resource, keeps the rules of an ACL that is to have none, deletes
    an ACL that stands before something, and has a code of its own for a name that is taken."""
    from moto.wafv2 import models
    from moto.wafv2.exceptions import WAFv2ClientError

    class Duplicate(WAFv2ClientError):  # type: ignore[misc]  # moto has no types
        def __init__(self) -> None:
            super().__init__("WAFDuplicateItemException", "there is one of this name in the scope already")

    def let_go(backend: Any, web_acl_arn: str, resource_arn: str) -> None:
        backend.disassociate_web_acl(resource_arn)

    def empty(acl: Any, answer: Any, default_action: Any, rules: Any, *args: Any) -> None:
        if rules is None:
            acl.rules = []

    def refuse_used(backend: Any, name: str, scope: str, _id: str, lock_token: str) -> None:
        for acl in backend.wacls.values():
            if acl.id == _id and (
                acl.associated_resources or list(_distributions(backend.account_id, acl.arn))
            ):
                raise WAFv2ClientError("WAFAssociatedItemException", f"{name} is in use")

    models.WAFV2DuplicateItemException = Duplicate
    before(models.WAFV2Backend, "associate_web_acl", let_go)
    after(models.FakeWebACL, "update", empty)
    before(models.WAFV2Backend, "delete_web_acl", refuse_used)


def _distributions(account: str, acl: str) -> Iterator[str]:
    from moto.cloudfront.models import cloudfront_backends

    for distribution in cloudfront_backends[account]["aws"].distributions.values():
        if _config(distribution).get("WebACLId") == acl:
            yield str(distribution.id)
