"""The variables that a container gets (pure).

As in a container, nothing comes from outside but what programs cannot be found or speak without. On top come what
Fargate and the AWS SDKs are told by, then the task definition's own variables, and at last the port to listen on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FROM_OUTSIDE = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy",
)  # fmt: skip
METADATA = "task-metadata/v4/"
"""Where, below /_cygni/, the local cloud tells a container about itself."""

_LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a container runs: the local cloud's endpoint as the container reaches it, its region and account, the
    container's id, and a folder of its own for what it writes."""

    endpoint: str
    region: str
    container_id: str
    home: Path | None = None


def variables(
    outside: Mapping[str, str], place: Place, own: Iterable[tuple[str, str]], port: int | None
) -> dict[str, str]:
    """`own` are the task definition's variables and secrets, the later ones before the earlier."""
    found = {name: outside[name] for name in FROM_OUTSIDE if name in outside}
    for name in ("NO_PROXY", "no_proxy"):  # the local cloud is not reached through a proxy
        if any(proxy in found for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")):
            found[name] = ",".join(filter(None, [found.get(name), _LOOPBACK]))
    found |= _of_aws(place)
    if place.home is not None:
        found |= {"HOME": str(place.home), "TMPDIR": str(place.home)}
    found |= dict(own)
    if port is not None:
        found["PORT"] = str(port)
        if place.home is not None:  # no container keeps the port from other machines
            found.setdefault("HOST", "127.0.0.1")
    return found


def _of_aws(place: Place) -> dict[str, str]:
    """What tells the AWS SDKs of the local cloud, and programs that they run in ECS."""
    return {
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "ECS_CONTAINER_METADATA_URI_V4": f"{place.endpoint}/_cygni/{METADATA}{place.container_id}",
    }
