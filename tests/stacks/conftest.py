from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cygni.local_cloud.process import LocalCloud
from cygni.naming import Part
from cygni.settings import Settings
from cygni.state_place import state_place
from stacks.state_store import store_at
from tests.factories import create_environment, create_spec
from tests.postgres_server import PostgresServer
from tests.pulumi_mocks import Made
from tests.stacks.declared_stacks import (
    BUILT,
    LONGEST,
    LONGEST_ENVIRONMENT,
    all_made,
)
from tests.stacks.deploys import Deploys
from tests.stacks.state_places import Place


@dataclass(frozen=True)
class Machine:
    """A made-up machine: a folder that is its PATH, and settings that point below tmp_path."""

    root: Path
    settings: Settings

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.root)}

    @property
    def cached(self) -> Path:
        return self.settings.cache_dir / "engine" / "v3.255.0" / "pulumi"

    def script(self, path: Path, body: str) -> Path:
        """An executable shell script at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    def pulumi(self, path: Path | None = None, version: str = "v3.255.0") -> Path:
        """A `pulumi` that tells its version and counts how often it was asked, in `asked` beside it."""
        path = path or self.bin / "pulumi"
        return self.script(path, f'echo . >> "{path}.asked"\necho {version}')

    def go(self, *, version: str = "go1.26.8", listing: str | None = None, build: str | None = None) -> Path:
        """A `go` that lists three packages and "builds" an engine; it writes its environment to `go.env`."""
        listing = listing or "echo 'go: downloading example.test/a v1.0.0' >&2; printf 'a\\nb\\nc\\n'"
        build = build or "echo a >&2; echo b >&2; make_engine"
        return self.script(
            self.bin / "go",
            f"""
make_engine() {{ printf '#!/bin/sh\\necho v3.255.0\\n' > "$out"; chmod +x "$out"; }}
[ -n "${{FAKE_GO_STARTED:-}}" ] && echo $$ >> "$FAKE_GO_STARTED"
verb=$1
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
case $verb in
  version) echo "go version {version} linux/amd64" ;;
  list) {listing} ;;
  build) env > "{self.root}/go.env"; pwd > "{self.root}/go.cwd"; {build} ;;
esac""",
        )

    def leftovers(self) -> list[str]:
        """What lies in Cygni's engine folder besides the engine, the lock and the remembered versions."""
        folder = self.settings.cache_dir / "engine"
        known = {"v3.255.0", "v3.255.0.lock", "versions.json"}
        return [path.name for path in folder.iterdir() if path.name not in known] if folder.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    return Machine(tmp_path, Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache"))


@pytest.fixture(scope="module")
def whole() -> dict[Part, Made]:
    """A shop with something of everything."""
    return all_made(
        create_spec(
            network={"nat": "single"},
            services={
                "web": {"image": "nginx:1", "port": 80, "env": {"GREETING": "hello"}},
                "api": {**BUILT, "path": "/api"},
                "mailer": {"kind": "worker", "image": "mailer:1"},
                "report": {"kind": "cron", "image": "report:1", "schedule": "0 3 * * *", "dead_letter": True},
                "migrate": {"kind": "job", "image": "migrate:1"},
            },
            buckets={
                "uploads": {
                    "versioning": True,
                    "replication": {"region": "eu-west-1"},
                    "cors": {"origins": ["*"]},
                    "lifecycle": {"old": {"expire_after": 9}},
                }
            },
            queues={"mail": {}, "audit": {"dead_letter": False}},
            topics={"orders": {"subscriptions": {"mail": {}, "audit": {"filter": {"a": ["b"]}}}}},
        )
    )


@pytest.fixture(scope="module")
def longest() -> dict[Part, Made]:
    """A project whose every name is as long as cygni.yaml allows."""
    return all_made(create_spec(LONGEST_ENVIRONMENT, **LONGEST))


@pytest.fixture
def staging(tmp_path: Path) -> Deploys:
    return Deploys(create_environment(tmp_path))


@pytest.fixture
def local(tmp_path: Path) -> Deploys:
    return Deploys(create_environment(tmp_path, "local", cloud="life-1", cloud_holds=0))


@pytest.fixture
def bucket(local_cloud: LocalCloud, aws: Callable[..., Any]) -> Place:
    name = f"states-{uuid.uuid4().hex[:12]}"
    s3 = aws("s3")
    s3.create_bucket(Bucket=name)
    variables = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    url = f"s3://{name}/below?region=us-east-1&endpoint={local_cloud.endpoint}"
    store = store_at(state_place(url), variables)
    assert store is not None
    return Place(url, store, lambda key, body: s3.put_object(Bucket=name, Key=f"below/{key}", Body=body))


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Place]:
    url = f"{postgres.new_database()}&cygni.fence=7"
    place = state_place(url)
    store = store_at(place, {})
    assert store is not None
    name = place.shown.rsplit("/", 1)[-1]
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname=name, autocommit=True) as asked:

        def write(key: str, body: bytes) -> None:
            asked.execute(
                "CREATE TABLE IF NOT EXISTS pulumi_state (key TEXT PRIMARY KEY, data JSON NOT NULL)"
            )
            data = json.dumps({"data": base64.b64encode(body).decode()})
            asked.execute("INSERT INTO pulumi_state VALUES (%s, %s)", [f"{name}/{key}", data])

        yield Place(url, store, write)


@pytest.fixture(params=["bucket", "database"])
def place(request: pytest.FixtureRequest) -> Place:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found
