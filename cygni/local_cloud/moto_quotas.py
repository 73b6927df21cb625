"""Service Quotas of the local cloud; applied by moto_fixes.py. moto knows the quotas of VPCs alone, and no requests.

What AWS documents of the API (API_RequestServiceQuotaIncrease and its siblings, Service Quotas API reference): a
request is for more than there is, one is open at a time, and AWS grants small ones by itself. Here every request is
granted as soon as somebody looks.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cygni.aws_quotas import QUOTAS, AwsQuota

_GLOBAL_REGION = "us-east-1"


def fix() -> None:
    """Answers for the quotas of cygni/aws_quotas.py, and takes requests for more."""
    from moto.servicequotas.models import ServiceQuotasBackend
    from moto.servicequotas.responses import ServiceQuotasResponse

    def begin(backend: Any, *args: Any, **named: Any) -> None:
        backend.values = {}
        backend.requests = []

    original = ServiceQuotasBackend.__init__

    def __init__(backend: Any, *args: Any, **named: Any) -> None:  # noqa: N807
        original(backend, *args, **named)
        begin(backend)

    ServiceQuotasBackend.__init__ = __init__
    for name, answer in _ANSWERS.items():
        setattr(ServiceQuotasResponse, name, _served(answer))


def _served(answer: Callable[[Any, Mapping[str, Any]], Any]) -> Callable[[Any], str]:
    def method(response: Any) -> str:
        return json.dumps(answer(response.backend, json.loads(response.body or "{}")))

    return method


def _known(backend: Any, asked: Mapping[str, Any]) -> AwsQuota:
    """Raises NoSuchResourceException for what there is not, in this region."""
    found = QUOTAS.get(str(asked.get("QuotaCode")))
    if found is None or found.service != asked.get("ServiceCode") or not _is_here(backend, found):
        raise _refusal(
            "NoSuchResourceException", "The request failed because the specified service does not exist."
        )
    return found


def _is_here(backend: Any, quota: AwsQuota) -> bool:
    return not quota.everywhere or backend.region_name == _GLOBAL_REGION


def _refusal(code: str, message: str) -> Exception:
    from moto.core.exceptions import JsonRESTError

    error: Exception = JsonRESTError(code, message)
    return error


def _grant(backend: Any) -> None:
    """What was asked for is there now."""
    for request in backend.requests:
        if request["Status"] == "PENDING":
            request["Status"] = "APPROVED"
            backend.values[request["QuotaCode"]] = request["DesiredValue"]


def _shown(backend: Any, quota: AwsQuota, value: float) -> dict[str, Any]:
    where = "" if quota.everywhere else backend.region_name
    return {
        "ServiceCode": quota.service,
        "QuotaCode": quota.code,
        "QuotaArn": f"arn:aws:servicequotas:{where}:{backend.account_id}:{quota.service}/{quota.code}",
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": quota.everywhere,
    }


def _value(backend: Any, quota: AwsQuota) -> float:
    return float(backend.values.get(quota.code, quota.value))


def _get(backend: Any, asked: Mapping[str, Any]) -> Any:
    _grant(backend)
    quota = _known(backend, asked)
    return {"Quota": _shown(backend, quota, _value(backend, quota))}


def _get_default(backend: Any, asked: Mapping[str, Any]) -> Any:
    quota = _known(backend, asked)
    return {"Quota": _shown(backend, quota, quota.value)}


def _of_service(backend: Any, asked: Mapping[str, Any]) -> list[AwsQuota]:
    found = [
        one for one in QUOTAS.values() if one.service == asked.get("ServiceCode") and _is_here(backend, one)
    ]
    if not found:
        raise _refusal(
            "NoSuchResourceException", "The request failed because the specified service does not exist."
        )
    return found


def _list(backend: Any, asked: Mapping[str, Any]) -> Any:
    _grant(backend)
    return {"Quotas": [_shown(backend, one, _value(backend, one)) for one in _of_service(backend, asked)]}


def _list_defaults(backend: Any, asked: Mapping[str, Any]) -> Any:
    return {"Quotas": [_shown(backend, one, one.value) for one in _of_service(backend, asked)]}


def _list_services(backend: Any, asked: Mapping[str, Any]) -> Any:
    codes = sorted({one.service for one in QUOTAS.values()})
    return {"Services": [{"ServiceCode": code, "ServiceName": code} for code in codes]}


def _request(backend: Any, asked: Mapping[str, Any]) -> Any:
    quota, desired = _known(backend, asked), float(asked["DesiredValue"])
    if any(one["QuotaCode"] == quota.code and one["Status"] == "PENDING" for one in backend.requests):
        raise _refusal(
            "ResourceAlreadyExistsException",
            "Only one open service quota increase request is allowed per quota.",
        )
    if desired <= _value(backend, quota):
        raise _refusal(
            "IllegalArgumentException",
            "You must provide a quota value greater than the current quota value.",
        )
    now = datetime.now(UTC).timestamp()
    request = {
        "Id": uuid.uuid4().hex,
        "DesiredValue": desired,
        "Status": "PENDING",
        "Created": now,
        "LastUpdated": now,
        **{
            key: value
            for key, value in _shown(backend, quota, 0).items()
            if key not in ("Value", "Adjustable")
        },
    }
    backend.requests.append(request)
    return {"RequestedQuota": request}


def _history(backend: Any, asked: Mapping[str, Any]) -> Any:
    _grant(backend)
    keys = [key for key in ("ServiceCode", "QuotaCode", "Status") if asked.get(key)]
    found = [one for one in backend.requests if all(one[key] == asked[key] for key in keys)]
    return {"RequestedQuotas": found}


_ANSWERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "get_service_quota": _get,
    "get_aws_default_service_quota": _get_default,
    "list_service_quotas": _list,
    "list_aws_default_service_quotas": _list_defaults,
    "list_services": _list_services,
    "request_service_quota_increase": _request,
    "list_requested_service_quota_change_history": _history,
    "list_requested_service_quota_change_history_by_quota": _history,
}
