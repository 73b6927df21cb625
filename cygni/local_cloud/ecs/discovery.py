"""Where services are found that Cloud Map names: no name of a private zone resolves on this machine, so URLs in the
variables of tasks lead through the load balancer that serves the service."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cygni.local_cloud.ecs import targets
from cygni.local_cloud.identity import HOST

_URL = re.compile(r"http://(?P<host>[a-z0-9.-]+)(:\d+)?(?=/|\?|$)", re.IGNORECASE)


def reachable(value: str, names: Mapping[str, str]) -> str:
    """The value of a variable with the address of this machine, where it is the URL of a service; `names` maps the
    names of services to those addresses, as `http://127.0.0.1:8080`."""
    found = _URL.match(value)
    address = names.get(found["host"].lower()) if found else None
    return address + value[found.end() :] if found and address else value


def names(ecs_services: Iterable[Any]) -> dict[str, str]:
    """The address of each service that is registered with Cloud Map and behind a load balancer that is served."""
    registered = dict(_registered())
    found = {}
    for service in ecs_services:
        address = next(filter(None, (_address(one) for one in service.load_balancers or ())), None)
        for one in service.service_registries or ():
            name = registered.get(one.get("registryArn") or "")
            if name and address:
                found[name] = address
    return found


def _registered() -> Iterator[tuple[str, str]]:
    """The ARN and the name of every service in a namespace of Cloud Map."""
    loaded = sys.modules.get("moto.servicediscovery.models")
    for regions in list(loaded.servicediscovery_backends.values()) if loaded else []:
        for backend in regions.values():
            for service in backend.services.values():
                given = service.namespace_id or (service.dns_config or {}).get("NamespaceId")
                namespace = backend.namespaces.get(given)
                if namespace is not None:
                    yield service.arn, f"{service.name}.{namespace.name}".lower()


def _address(load_balancer: Mapping[str, Any]) -> str | None:
    """Where the target group of a service is served."""
    port = targets.local_port(load_balancer.get("targetGroupArn") or "")
    return f"http://{HOST}:{port}" if port else None
