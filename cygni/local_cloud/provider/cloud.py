"""The only place that opens connections to AWS. botocore is imported on the first call, never in a preview."""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cygni.local_cloud.provider import unanswered

Found = TypeVar("Found")

DEFAULT_REGION = "us-east-1"

# The first poll comes at once and the pauses double: a local cloud answers in milliseconds, AWS in minutes.
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 3.0
_CONNECTIONS = 64

# Names of the official provider's `endpoints` that differ from botocore's service names.
_SERVICE_NAMES = {
    "elasticloadbalancingv2": "elbv2",
    "cloudwatchlogs": "logs",
    "elasticloadbalancing": "elb",
    "eventbridge": "events",
}


class NoEndpoint(RuntimeError):
    """No endpoint is configured: this provider must never reach a real AWS account by accident."""


class Stopping(RuntimeError):
    """The engine asked to stop while something was waited for."""


class WaitedTooLong(RuntimeError):
    """A resource did not reach its state in time."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where and as whom to call. `endpoints` maps botocore service names to URLs, "" to the default one.

    `as_caller` calls what the AWS SDK's own variables and files name, AWS itself where they name no endpoint, with
    the caller's usual chain of credentials. The provider's process never asks for that, `lookup` may.
    """

    region: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    as_caller: bool = False

    def endpoint(self, service: str) -> str:
        """URL for a service. Raises NoEndpoint."""
        url = self.endpoints.get(service) or self.endpoints.get("")
        if not url:
            raise NoEndpoint(
                f"no endpoint is configured for {service}: set AWS_ENDPOINT_URL, or `endpoints` of the provider"
            )
        return url


def connection(config: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """The connection that the provider configuration (`region`, `endpoints`, keys) and environment describe."""
    endpoints = {"": environ.get("AWS_ENDPOINT_URL", "")}
    for name, url in environ.items():
        if name.startswith("AWS_ENDPOINT_URL_"):
            endpoints[_service(name.removeprefix("AWS_ENDPOINT_URL_"))] = url
    for group in structured(config.get("endpoints")) or []:
        if isinstance(group, Mapping):
            endpoints |= {_service(name): str(url) for name, url in group.items() if url}
    region = config.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return Connection(
        region=str(region or DEFAULT_REGION),
        endpoints=endpoints,
        access_key=str(config.get("accessKey") or environ.get("AWS_ACCESS_KEY_ID", "")),
        secret_key=str(config.get("secretKey") or environ.get("AWS_SECRET_ACCESS_KEY", "")),
        token=str(config.get("token") or environ.get("AWS_SESSION_TOKEN", "")),
    )


def structured(value: Any) -> Any:
    """Provider configuration nests as JSON text; anything else is returned as it is."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _service(name: str) -> str:
    lowered = name.lower().replace("_", "-")
    return _SERVICE_NAMES.get(lowered.replace("-", ""), lowered)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Cloud:
    """Clients of one connection, made once per service and region, shared by all threads."""

    def __init__(self, where: Connection) -> None:
        self.where = where
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._account = ""

    def client(self, service: str, region: str = "") -> Any:
        """A botocore client. Raises NoEndpoint."""
        key = (service, region or self.where.region)
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key) or self._make(*key)
                self._clients[key] = client
        return client

    def _make(self, service: str, region: str) -> Any:
        import botocore.session
        from botocore.config import Config

        url = None if self.where.as_caller else self.where.endpoint(service)
        if self._session is None:
            self._session = botocore.session.Session()
        keys = {}
        if self.where.access_key:
            keys = {
                "aws_access_key_id": self.where.access_key,
                "aws_secret_access_key": self.where.secret_key,
                "aws_session_token": self.where.token or None,
            }
        elif url is not None and is_loopback(url):
            # Nobody checks them there; without any, botocore would search files and the metadata service.
            keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        config = Config(
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=3,
            read_timeout=60,
            s3={"addressing_style": "auto" if self.where.as_caller else "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        client = self._session.create_client(
            service, region_name=region, endpoint_url=url, config=config, **keys
        )
        unanswered.guard(client)
        return client

    def account_id(self) -> str:
        if not self._account:
            self._account = str(self.client("sts").get_caller_identity()["Account"])
        return self._account

    def exclusively(self, what: str) -> threading.Lock:
        """A lock by name, for APIs that do not bear two changes of one thing at a time."""
        with self._lock:
            return self._locks.setdefault(what, threading.Lock())

    def stop(self) -> None:
        """Let every wait end now; see `await_`."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def await_(self, what: str, probe: Callable[[], Found | None], *, seconds: float) -> Found:
        """Call `probe` until it answers something. Raises WaitedTooLong after `seconds`, Stopping on stop."""
        end = time.monotonic() + seconds
        pause = _FIRST_PAUSE
        while (found := probe()) is None:
            if time.monotonic() + pause > end:
                raise WaitedTooLong(f"{what} took longer than {seconds:.0f} s")
            if self._stop.wait(pause):
                raise Stopping(f"stopped while waiting for {what}")
            pause = min(pause * 2, _LONGEST_PAUSE)
        return found


def partition_of(region: str) -> str:
    """The AWS partition a region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"
