"""What every test gets: an environment without this machine's settings, and a local cloud where it asks for one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from cygni.local_cloud import process, sdk_models
from cygni.local_cloud.process import LocalCloud
from cygni.settings import Settings
from tests.postgres_server import PostgresServer, postgres_server

if TYPE_CHECKING:
    from cygni.targets.fargate.clients import Clients

LONG_NAME = 200
"""Characters or bytes of a value beyond which a test is named by its length."""

# What somebody at this machine may have set. The cache of engines is shared, or each test would build one.
_SETTINGS = ("AWS_", "PULUMI_", "CX_", "CYGNI_", "MOTO_")
_SHARED = ("CYGNI_CACHE_DIR",)

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")

# gRPC's handlers for fork() crash one child in a thousand of a process that serves: PostgreSQL's `initdb`, started as
# another user and so without vfork(), was one. It reads this when it is first used.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_auto_num_workers() -> int:
    """As many as there are processors: more take as long together, and each test waits longer for what it started."""
    return psutil.cpu_count() or 1


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """The whole of a long value in its test's name would be sent to and fro, and kept, once for each report."""
    del config
    if isinstance(val, str | bytes) and len(val) > LONG_NAME:
        return f"{argname} of {len(val)} {'bytes' if isinstance(val, bytes) else 'characters'}"
    return None


@pytest.fixture(scope="session", autouse=True)
def remembered_models() -> None:
    """A test that makes clients of its own does not parse the models of their services again."""
    sdk_models.remember()


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings from outside, and a data folder of the test's own: no test finds another's local cloud."""
    for name in list(os.environ):
        if name.startswith(_SETTINGS) and name not in _SHARED:
            monkeypatch.delenv(name)
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TERM", "xterm")  # a dumb one gets no progress that moves


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A running local cloud, one for each worker of pytest-xdist; tests must name what they make apart."""
    folder = tmp_path_factory.mktemp("local-cloud")
    settings = Settings(data_dir=folder, cache_dir=folder / "cache")
    yield process.start(settings)
    process.stop(settings)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL, one for each worker of pytest-xdist; each test asks it for a database of its own."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def aws(local_cloud: LocalCloud) -> Callable[..., Any]:
    """`aws("ec2")`: a boto3 client of the worker's local cloud."""
    return aws_clients(local_cloud.endpoint)


@pytest.fixture
def clients(local_cloud: LocalCloud) -> Clients:
    """Cygni's own clients of the worker's local cloud."""
    from cygni.targets.fargate.clients import Clients

    return Clients(
        {
            "AWS_ENDPOINT_URL": local_cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
        }
    )


def aws_clients(endpoint: str) -> Callable[..., Any]:
    """A maker of boto3 clients for an endpoint, that try each call once."""
    import boto3
    from botocore.config import Config

    def client(service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"max_attempts": 1}),
        )

    return client
