"""An almost bare moto for the provider's own tests, and resources to make in it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider.cloud import Cloud, connection
from cygni.local_cloud.provider.operations import Kept, Operations, resource_type
from cygni.local_cloud.provider.schema import ResourceType
from tests.cygni.local_cloud.provider.counts import Inventory, counted

REGION = "us-east-1"


@dataclass
class World:
    """A cloud with what a test made in it, newest last."""

    operations: Operations
    made: list[tuple[ResourceType, Kept]] = field(default_factory=list)

    def check(
        self, token: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        kind = resource_type(token)
        naming = checking.Naming(resource="sample", seed=token.encode())
        inputs, failures = checking.check(kind, olds or {}, news, self.operations.setting, naming)
        assert not failures, failures
        return inputs

    def create(self, token: str, news: Mapping[str, Any]) -> Kept:
        kind = resource_type(token)
        kept = self.operations.create(kind, self.check(token, news))
        self.made.append((kind, kept))
        return kept

    def replace(self, kept: Kept, outputs: dict[str, Any], inputs: dict[str, Any]) -> Kept:
        index = next(i for i, (_, other) in enumerate(self.made) if other is kept)
        kind, _ = self.made[index]
        self.made[index] = (kind, Kept(kept.id, outputs, inputs))
        return self.made[index][1]

    def delete_all(self) -> None:
        for kind, kept in reversed(self.made):
            self.operations.delete(kind, kept.id, kept.outputs)


_SERVER = """
import logging, signal
from moto.core.base_backend import BackendDict
from moto.server import ThreadedMotoServer
from cygni.local_cloud import moto_fixes
from cygni.local_cloud.application import empty_moto
from cygni.local_cloud.databases import installation
installation.installations = tuple  # as without PostgreSQL: nothing here would start a server
BackendDict.reset = empty_moto  # moto's own would make every backend anew
moto_fixes.apply()
for service in (
    "acm", "applicationautoscaling", "cloudfront", "cloudtrail", "ec2", "eks", "elasticache", "elb",
    "guardduty", "iam", "rds", "route53", "scheduler", "securityhub", "servicediscovery", "sns",
    "sqs", "wafv2",
):
    moto_fixes.apply_to(service)
moto_fixes.apply_to("s3")
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
signal.pause()
"""


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """moto in a process of its own: it leaves files unclosed, and warnings are errors here."""
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        process.kill()


@pytest.fixture(scope="session")
def moto_cloud(moto_endpoint: str) -> Cloud:
    """Clients are slow to make: one set for all tests."""
    return Cloud(connection({"region": REGION}, {"AWS_ENDPOINT_URL": moto_endpoint}))


@pytest.fixture
def empty_moto(moto_endpoint: str) -> str:
    request = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    return moto_endpoint


@pytest.fixture
def world(empty_moto: str, moto_cloud: Cloud) -> World:
    return World(Operations(moto_cloud, checking.Setting(region=REGION)))


@pytest.fixture
def inventory(moto_cloud: Cloud) -> Inventory:
    """Counts what is in the cloud."""
    return lambda *kinds: counted(moto_cloud, *kinds)
