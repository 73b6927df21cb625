"""Where one size is measured: folders, local clouds and state of its own, gone afterwards."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import Commands
from benchmarks.projects import Project
from cygni.local_cloud import process
from cygni.local_cloud.provider.executable import plugin_folder
from cygni.naming import Part, stack_name
from cygni.settings import Settings
from stacks.engine_places import Engine
from stacks.state import look_in_folder

REGION = "us-east-1"
BARE_ENGINE = Path(__file__).with_name("bare_engine.py")
CX = Path(sys.executable).with_name("cx")


def environment_of(engine: Engine, data: Path) -> dict[str, str]:
    """What `cx` is given: this environment without what would lead it elsewhere. It applies the stacks alone, as the
    others do that are compared."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("CX_", "PULUMI_", "AWS_"))
    }
    return own | {
        "CYGNI_DATA_DIR": str(data),
        "CYGNI_PULUMI": str(engine.path),
        "CYGNI_RELEASES": "off",
        "PATH": f"{engine.path.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def as_installed(folder: Path) -> dict[str, str]:
    """This environment, with the compiled modules that an installed program has, kept in a folder, also where Python is
    told to write none."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"PYTHONPYCACHEPREFIX": str(folder / "modules")}


class Place:
    """A folder with the project, and the data of one of the two that are compared, on a local cloud of its own.

    `timeout` is what one command may take, in seconds.
    """

    def __init__(self, folder: Path, project: Project, engine: Engine, timeout: float) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.project = project
        self.data = folder / "data"
        self.settings = dataclasses.replace(Settings.from_environment(), data_dir=self.data, local_port=None)
        self.endpoint = process.start(self.settings).endpoint
        self.environment = environment_of(engine, self.data)
        self.commands = Commands(folder, self.environment, timeout)
        self.write_spec()

    def write_spec(self, *, memory: int = 512) -> None:
        (self.folder / "cygni.yaml").write_text(self.project.spec(memory=memory), encoding="utf-8")

    def close(self) -> None:
        process.stop(self.settings)

    def resources_left(self) -> int:
        return len(process.inventory(self.settings))


class Cygni(Place):
    """`cx` as a person calls it."""

    def diff(self) -> float:
        return self.commands.run(CX, "diff")

    def deploy(self, *options: str) -> float:
        return self.commands.run(CX, "deploy", "--yes", *options)

    def destroy(self) -> float:
        allowed = [f"--allow-destroy={name}" for name in self.project.bucket_names]
        return self.commands.run(CX, "destroy", "--yes", *allowed)

    def forget(self) -> None:
        """As before the first command: no state, no record, no plan."""
        for name in ("state", "stacks", "projects"):
            shutil.rmtree(self.data / name, ignore_errors=True)

    def state(self) -> list[list[Mapping[str, Any]]]:
        """The resources in the state of each stack, in the order they are applied."""
        folder = self.data / "state"
        looked = [look_in_folder(folder, stack_name("bench", "local", part)) for part in Part]
        return [one.resources for one in looked]

    def records(self) -> Path:
        return self.data / "projects" / "bench" / "local"


class Bare(Place):
    """The bare engine: `bare_engine.py` with the same programs, plugin and kind of backend."""

    def __init__(self, folder: Path, project: Project, engine: Engine, timeout: float) -> None:
        super().__init__(folder, project, engine, timeout)
        settings = {
            "region": REGION,
            "plugin": str(plugin_folder(self.settings.cache_dir)),
            "environment": {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "AWS_REGION": REGION,
                "PULUMI_CONFIG_PASSPHRASE": "benchmark",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
        }
        (folder / "bare.json").write_text(json.dumps(settings), encoding="utf-8")

    def run(self, operation: str) -> float:
        return self.commands.run(sys.executable, BARE_ENGINE, operation, self.folder)

    def forget(self) -> None:
        shutil.rmtree(self.folder / "bare", ignore_errors=True)


@contextmanager
def closing(*places: Place) -> Iterator[None]:
    """Ends the local clouds of the places, whatever happens."""
    try:
        yield
    finally:
        for place in places:
            place.close()
