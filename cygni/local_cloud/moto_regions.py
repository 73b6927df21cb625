"""The regions of the account, in EC2 and in Account Management, which moto keeps apart or does not know; applied by
moto_fixes.py.

AWS enables at once here what it takes minutes for. Sources: API_DescribeRegions (EC2), API_EnableRegion and
API_GetRegionOptStatus (Account Management API reference).
"""

from __future__ import annotations

import json
from typing import Any

_STATUS = {"opted-in": "ENABLED", "not-opted-in": "DISABLED", "opt-in-not-required": "ENABLED_BY_DEFAULT"}


def fix_ec2() -> None:
    """moto tells of every region, enabled or not, whatever is asked for."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses.availability_zones_and_regions import AvailabilityZonesAndRegions

    def describe_regions(response: Any) -> Any:
        response.error_on_dryrun()
        every = str(response._get_param("AllRegions", "false")).lower() == "true"  # noqa: SLF001
        names = response._get_param("RegionNames", [])  # noqa: SLF001
        filters = response._filters_from_querystring()  # noqa: SLF001
        found = [
            _with_status(one)
            for one in response.ec2_backend.describe_regions(names)
            if _passes(one, filters) and (every or _opt_in(one) != "not-opted-in")
        ]
        return ActionResult({"Regions": found})

    AvailabilityZonesAndRegions.describe_regions = describe_regions


def _with_status(region: Any) -> dict[str, str]:
    return {"RegionName": region.name, "Endpoint": region.endpoint, "OptInStatus": _opt_in(region)}


def _passes(region: Any, filters: Any) -> bool:
    values = {"region-name": region.name, "opt-in-status": _opt_in(region), "endpoint": region.endpoint}
    return all(values.get(name) in wanted for name, wanted in dict(filters).items())


def _opt_in(region: Any) -> str:
    if region.opt_in_status == "not-opted-in" and region.name in _chosen():
        return "opted-in"
    return str(region.opt_in_status)


def _chosen() -> set[str]:
    """The regions that the account has enabled."""
    from moto.account.models import account_backends

    from cygni.local_cloud.identity import ACCOUNT_ID

    backend = account_backends[ACCOUNT_ID]["aws"]
    if not hasattr(backend, "enabled_regions"):
        backend.enabled_regions = set()
    found: set[str] = backend.enabled_regions
    return found


def fix_account() -> None:
    """moto's Account Management knows contacts alone."""
    from moto.account import urls
    from moto.account.responses import AccountResponse
    from moto.core.exceptions import JsonRESTError
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    def asked(response: Any) -> Any:
        name = json.loads(response.body or "{}").get("RegionName")
        found = [one for one in RegionsAndZonesBackend.regions if one.name == name]
        if not found:
            raise JsonRESTError("ValidationException", f"The region {name} is not valid.")
        return found[0]

    def optional(response: Any) -> Any:
        region = asked(response)
        if region.opt_in_status == "opt-in-not-required":
            raise JsonRESTError(
                "ValidationException", f"{region.name} is enabled by default and cannot be changed."
            )
        return region

    def enable_region(response: Any) -> str:
        _chosen().add(optional(response).name)
        return "{}"

    def disable_region(response: Any) -> str:
        _chosen().discard(optional(response).name)
        return "{}"

    def get_region_opt_status(response: Any) -> str:
        region = asked(response)
        return json.dumps({"RegionName": region.name, "RegionOptStatus": _STATUS[_opt_in(region)]})

    def list_regions(response: Any) -> str:
        wanted = json.loads(response.body or "{}").get("RegionOptStatusContains") or list(_STATUS.values())
        told = [(one.name, _STATUS[_opt_in(one)]) for one in RegionsAndZonesBackend.regions]
        return json.dumps(
            {"Regions": [{"RegionName": n, "RegionOptStatus": s} for n, s in told if s in wanted]}
        )

    for call in (enable_region, disable_region, get_region_opt_status, list_regions):
        setattr(AccountResponse, call.__name__, call)
    for path in ("enableRegion", "disableRegion", "getRegionOptStatus", "listRegions"):
        urls.url_paths[f"{{0}}/{path}$"] = AccountResponse.dispatch
