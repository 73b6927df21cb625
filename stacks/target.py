"""Where an environment runs, and how the engine is called for it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cygni.errors import StateError
from cygni.private_file import make_once
from cygni.settings import Settings
from cygni.state_place import StatePlace, state_place
from stacks.data_folder import unusable
from stacks.engine_places import Engine
from stacks.operations import EngineSettings
from stacks.records import RecordStore
from stacks.state_fence import fence_in, fenced_url

LOCAL = "local"
AWS = "aws"
_AWS_CLOUD = "aws:"


@dataclass(frozen=True)
class Environment:
    """One environment of one project, with all that deploying it needs.

    `target` is `local` or `aws`. `cloud` is the identity of the local cloud's present life, or `aws:ACCOUNT`;
    `cloud_holds` the number of resources in it (None on AWS, where it is not counted).
    """

    project: str
    name: str
    region: str
    target: str
    engine: EngineSettings
    records: RecordStore
    plans: Path
    cloud: str = ""
    cloud_holds: int | None = None
    fence: int | None = None
    """The number of the lease under which a worker of a control plane has it, None for anybody else."""

    @property
    def account(self) -> str:
        """The AWS account it is deployed to; empty for the local cloud."""
        return account_in(self.cloud)


def target_of(name: str) -> str:
    """Where the environment `name` runs."""
    return LOCAL if name == LOCAL else AWS


def account_in(cloud: str) -> str:
    """The account in an `Environment.cloud` or a `StackRecord.cloud`; empty for a local cloud's."""
    return cloud.removeprefix(_AWS_CLOUD) if cloud.startswith(_AWS_CLOUD) else ""


def environment(
    settings: Settings,
    engine: Engine,
    project: str,
    name: str,
    region: str,
    *,
    plans: Path,
    deadline: float = 3600.0,
) -> Environment:
    """The environment `name`: `local` is served by the local cloud (started if it is not up), any other by AWS
    with the credentials and endpoints of the AWS SDK's own variables. `deadline` is for one operation, in
    seconds; `plans` is a folder for the engine's plans.

    Raises LocalCloudError, StateError, AuthError, LeaseLost.
    """
    folder = environment_folder(settings, project, name)
    local = target_of(name) == LOCAL
    endpoint, cloud, holds = _local_cloud(settings) if local else _aws(region)
    called = engine_settings(settings, engine, name, region, endpoint=endpoint, deadline=deadline)
    fence = fence_in(os.environ)
    fenced = fenced_url(place_of_state(settings), f"{project}/{name}", fence)
    return Environment(
        project=project,
        name=name,
        region=region,
        target=target_of(name),
        engine=replace(called, backend_url=fenced),
        records=RecordStore(folder),
        plans=plans,
        cloud=cloud,
        cloud_holds=holds,
        fence=fence,
    )


def engine_settings(
    settings: Settings,
    engine: Engine,
    name: str,
    region: str,
    *,
    endpoint: str = "",
    deadline: float = 3600.0,
) -> EngineSettings:
    """How the engine is called for the environment `name`; `endpoint` is the local cloud's. Raises StateError."""
    local = target_of(name) == LOCAL
    try:
        settings.make_data_dir()
    except OSError as error:
        raise unusable("read or write", settings.data_dir, error) from None
    return EngineSettings(
        executable=engine.path,
        version=engine.version,
        backend_url=_backend_url(settings),
        passphrase_file=_passphrase_file(settings),
        config_dir=settings.data_dir / "stacks",
        plugin_cache=settings.cache_dir / "plugins",
        region=region,
        environment=cloud_variables(name, endpoint, region),
        plugins=_local_plugins(settings) if local else {},
        deadline=deadline,
        sealed=local,
    )


def _local_cloud(settings: Settings) -> tuple[str, str, int | None]:
    from cygni.local_cloud import process

    running = process.start(settings)
    return running.endpoint, running.instance_id, sum(running.resources.values())


def _aws(region: str) -> tuple[str, str, int | None]:
    from stacks.aws_account import account_id

    return "", f"{_AWS_CLOUD}{account_id(region)}", None


def cloud_variables(name: str, endpoint: str, region: str) -> Mapping[str, str]:
    """The variables of the AWS SDK that the environment `name` sets; `endpoint` is the local cloud's."""
    if target_of(name) != LOCAL:
        return {"AWS_REGION": region}
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _local_plugins(settings: Settings) -> Mapping[str, Path]:
    from cygni.local_cloud.provider.executable import plugin_folder

    return {"aws": plugin_folder(settings.cache_dir)}


def environment_folder(settings: Settings, project: str, name: str) -> Path:
    """Where Cygni keeps what it remembers of an environment."""
    return settings.data_dir / "projects" / project / name


def state_folder(settings: Settings) -> Path:
    """Where the engine keeps its state by default."""
    return settings.data_dir / "state"


def place_of_state(settings: Settings) -> StatePlace:
    """Where the engine keeps its state."""
    return settings.state or state_place(state_folder(settings).as_uri())


def _backend_url(settings: Settings) -> str:
    place = place_of_state(settings)
    if place.folder is not None:
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unusable("read or write", place.folder, error) from None
    return place.url


def _passphrase_file(settings: Settings) -> Path:
    """The passphrase that encrypts secrets in the state: the one that is named, or one made on first use, readable
    by its owner alone.

    Raises StateError if it is not there, cannot be made, or is empty.
    """
    path = settings.passphrase_file or settings.data_dir / "passphrase"
    try:
        if settings.passphrase_file is None and not path.exists():
            make_once(path, secrets.token_urlsafe(32).encode())
        empty = not path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise unusable("read or write", path, error) from None
    if empty:
        raise StateError(
            f"the passphrase of the state is empty: {path}",
            hint="Restore the file from a backup. If nothing was deployed yet, remove it: a new one is made.",
        )
    return path
