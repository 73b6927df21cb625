"""Where moto's GuardDuty, Security Hub and CloudTrail differ from AWS in a way that the stacks meet; applied by
moto_fixes.py. Each with its reason."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from cygni.local_cloud.patching import after, before


def fix_guardduty() -> None:
    """moto makes any number of detectors, deletes what is not there, and knows no calls for tags."""
    from moto.guardduty import urls
    from moto.guardduty.exceptions import GuardDutyException
    from moto.guardduty.models import GuardDutyBackend
    from moto.guardduty.responses import GuardDutyResponse

    def refuse_second(backend: Any, *args: Any, **named: Any) -> None:
        if backend.detectors:
            raise GuardDutyException(
                "BadRequestException",
                "The request is rejected because a detector already exists for the current account.",
            )

    def refuse_unknown(backend: Any, detector_id: str) -> None:
        backend.get_detector(detector_id)

    def tags_of(response: Any) -> Any:
        arn = unquote(response.path.partition("/tags/")[2])
        return response.guardduty_backend.get_detector(arn.rpartition("/")[2]).tags

    def tag_resource(response: Any) -> str:
        tags_of(response).update(json.loads(response.body)["tags"])
        return "{}"

    def untag_resource(response: Any) -> str:
        for key in response.querystring.get("tagKeys", []):
            tags_of(response).pop(key, None)
        return "{}"

    GuardDutyResponse.tag_resource = tag_resource
    GuardDutyResponse.untag_resource = untag_resource
    urls.url_paths["{0}/tags/(?P<arn>.+)$"] = GuardDutyResponse.dispatch
    before(GuardDutyBackend, "create_detector", refuse_second)
    before(GuardDutyBackend, "delete_detector", refuse_unknown)


def fix_securityhub() -> None:
    """moto switches the hub on twice, forgets how it is set, and knows no standards: without them the official
    provider asks for ever."""
    from moto.securityhub import urls
    from moto.securityhub.exceptions import SecurityHubClientError
    from moto.securityhub.models import SecurityHubBackend
    from moto.securityhub.responses import SecurityHubResponse

    def need(backend: Any) -> None:
        if not backend.enabled:
            raise SecurityHubClientError(
                "InvalidAccessException",
                f"Account {backend.account_id} is not subscribed to AWS Security Hub",
            )

    def refuse_second(backend: Any, *args: Any, **named: Any) -> None:
        if backend.enabled:
            raise SecurityHubClientError(
                "ResourceConflictException", "Account is already subscribed to Security Hub"
            )

    def begin(backend: Any, answer: Any, *args: Any, **named: Any) -> None:
        backend.standards = {}
        backend.settings = {"AutoEnableControls": True, "ControlFindingGenerator": "SECURITY_CONTROL"}

    def tell_settings(backend: Any, answer: Any, *args: Any, **named: Any) -> None:
        answer.update(backend.settings)

    def update_security_hub_configuration(response: Any) -> str:
        backend = response.securityhub_backend
        need(backend)
        backend.settings.update(json.loads(response.body))
        return "{}"

    def batch_enable_standards(response: Any) -> str:
        backend = response.securityhub_backend
        need(backend)
        wanted = [one["StandardsArn"] for one in json.loads(response.body)["StandardsSubscriptionRequests"]]
        for arn in wanted:
            backend.standards[_subscription(backend, arn)] = arn
        return _standards(backend, [_subscription(backend, arn) for arn in wanted])

    def get_enabled_standards(response: Any) -> str:
        backend = response.securityhub_backend
        need(backend)
        asked = json.loads(response.body or "{}").get("StandardsSubscriptionArns")
        return _standards(backend, asked or list(backend.standards))

    def batch_disable_standards(response: Any) -> str:
        backend = response.securityhub_backend
        need(backend)
        asked = json.loads(response.body)["StandardsSubscriptionArns"]
        answer = _standards(backend, asked)
        for arn in asked:
            backend.standards.pop(arn, None)
        return answer

    for call in (
        update_security_hub_configuration,
        batch_enable_standards,
        get_enabled_standards,
        batch_disable_standards,
    ):
        setattr(SecurityHubResponse, call.__name__, call)
    for path in ("register", "get", "deregister"):
        urls.url_paths[f"{{0}}/standards/{path}$"] = SecurityHubResponse.dispatch
    before(SecurityHubBackend, "enable_security_hub", refuse_second)
    after(SecurityHubBackend, "enable_security_hub", begin)
    after(SecurityHubBackend, "describe_hub", tell_settings)
    SecurityHubBackend.standards = {}  # of a hub that was never on
    SecurityHubBackend.settings = {}


def _subscription(backend: Any, standard: str) -> str:
    """`…:standards/NAME/v/1.0.0` is subscribed to as `…:subscription/NAME/v/1.0.0`."""
    name = standard.partition("/")[2]
    return f"arn:aws:securityhub:{backend.region_name}:{backend.account_id}:subscription/{name}"


def _standards(backend: Any, subscriptions: list[str]) -> str:
    found = [
        {
            "StandardsSubscriptionArn": arn,
            "StandardsArn": backend.standards[arn],
            "StandardsInput": {},
            "StandardsStatus": "READY",
        }
        for arn in subscriptions
        if arn in backend.standards
    ]
    return json.dumps({"StandardsSubscriptions": found})


def fix_cloudtrail() -> None:
    """moto makes a trail anew under a name that is taken, deletes none that is named by its ARN, writes to a bucket
    that CloudTrail may not write to, and adds insight selectors to those there are."""
    from moto.cloudtrail.exceptions import TrailNotFoundException
    from moto.cloudtrail.models import CloudTrailBackend, Trail
    from moto.core.exceptions import JsonRESTError

    def judge(backend: Any, name: str, bucket_name: str, *args: Any) -> None:
        if name in backend.trails:
            raise JsonRESTError("TrailAlreadyExistsException", f"Trail {name} already exists")
        _check_bucket(backend, bucket_name)

    def judge_change(backend: Any, name: str, s3_bucket_name: str | None = None, **named: Any) -> None:
        if s3_bucket_name:
            _check_bucket(backend, s3_bucket_name)

    def delete_trail(backend: Any, name: str) -> None:
        found = [own for own, trail in backend.trails.items() if name in (own, trail.arn)]
        if not found:
            raise TrailNotFoundException(account_id=backend.account_id, name=name)
        del backend.trails[found[0]]

    def forget_insights(trail: Any, insight_selectors: Any) -> None:
        trail.insight_selectors = []

    before(CloudTrailBackend, "create_trail", judge)
    before(CloudTrailBackend, "update_trail", judge_change)
    CloudTrailBackend.delete_trail = delete_trail
    before(Trail, "put_insight_selectors", forget_insights)


def _check_bucket(backend: Any, name: str) -> None:
    """The bucket's policy must let CloudTrail read its access list and write to it."""
    from moto.core.exceptions import JsonRESTError
    from moto.s3.models import s3_backends

    bucket = s3_backends[backend.account_id]["aws"].buckets.get(name)
    policy = json.loads(bucket.policy) if bucket is not None and bucket.policy else {}
    allowed = {
        action
        for statement in policy.get("Statement", [])
        if statement["Effect"] == "Allow"
        and "cloudtrail.amazonaws.com" in json.dumps(statement.get("Principal", ""))
        for action in _texts(statement["Action"])
    }
    if not {"s3:GetBucketAcl", "s3:PutObject"} <= allowed:
        raise JsonRESTError(
            "InsufficientS3BucketPolicyException",
            f"Incorrect S3 bucket policy is detected for bucket: {name}",
        )


def _texts(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]
