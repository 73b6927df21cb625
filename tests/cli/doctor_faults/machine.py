"""Faults of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cygni.doctor.sources import account
from cygni.doctor.sources import machine as machine_sources
from cygni.settings import Settings
from stacks import engine as engines
from stacks.target import state_folder
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World, executable


def engine_named_wrongly(world: World) -> None:
    world.monkeypatch.setenv("CYGNI_PULUMI", str(world.tmp / "no-engine"))


def engine_gone(world: World) -> None:
    engine = world.tmp / "bin" / "pulumi"
    engine.unlink()
    world.monkeypatch.setattr(engines, "status", _no_engine(world, engines.status))

    def install(line: str) -> None:
        executable(engine, "echo v3.255.0")

    world.typed["cx engine install"] = install


def _no_engine(world: World, status: Any) -> Any:
    """As on a machine with none, also where the test's has one."""

    def asked(settings: Settings, *args: Any, **named: Any) -> Any:
        return status(settings, *args, environ={"PATH": str(world.tmp / "bin")})

    return asked


def old_package(world: World) -> None:
    real = machine_sources._version
    world.monkeypatch.setattr(
        machine_sources, "_version", lambda name: "1.0.0" if name == "boto3" else real(name)
    )
    world.typed["uv pip install"] = lambda line: world.monkeypatch.setattr(machine_sources, "_version", real)


def no_plugin(world: World) -> None:
    def install(line: str) -> None:
        [home, *_, version] = line.split()
        folder = Path(home.partition("=")[2]) / "plugins" / f"resource-aws-v{version}"
        folder.mkdir(parents=True)

    world.typed["PULUMI_HOME="] = install


def has_plugin(world: World) -> None:
    from importlib.metadata import version

    cache = Settings.from_environment().cache_dir
    (cache / "plugins" / f"resource-aws-v{version('pulumi-aws')}").mkdir(parents=True)


def lose_plugin(world: World) -> None:
    for folder in (Settings.from_environment().cache_dir / "plugins").iterdir():
        folder.rmdir()
    no_plugin(world)


def clock_ahead(seconds: float) -> Callable[[World], None]:
    def inject(world: World) -> None:
        real = account._ahead

        def ahead(date: str | None, now: float) -> float | None:
            return real(date or datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"), now + seconds)

        world.monkeypatch.setattr(account, "_ahead", ahead)
        world.typed["sudo"] = lambda line: world.monkeypatch.setattr(account, "_ahead", real)

    return inject


def clock_known(world: World) -> None:
    """The gate passes no dates on."""
    clock_ahead(0)(world)


def full_disk(free: int) -> Callable[[World], None]:
    def inject(world: World) -> None:
        real = shutil.disk_usage
        small = state_folder(Settings.from_environment())

        def usage(path: Path) -> Any:
            found = real(path)
            return found._replace(free=free) if small.is_relative_to(path) else found

        world.monkeypatch.setattr(shutil, "disk_usage", usage)
        world.replacing["/path/on/a/larger/disk"] = str(world.tmp / "larger")
        (world.tmp / "larger").mkdir()

    return inject


def open_folder(world: World) -> None:
    Settings.from_environment().data_dir.chmod(0o755)


def no_builders(world: World) -> None:
    world.monkeypatch.setattr(shutil, "which", lambda name: None)
    world.typed["sudo apt-get install"] = lambda line: builders_needed(world)


def silent_docker(world: World) -> None:
    world.monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/docker" if name == "docker" else None)
    world.monkeypatch.setattr(machine_sources, "_asked", lambda command: "no daemon")
    world.typed["sudo systemctl start docker"] = lambda line: builders_needed(world)


def builders_needed(world: World) -> None:
    world.cx.write(services={"web": {"build": {"tag": "v1"}, "port": 80}})
    world.monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    world.monkeypatch.setattr(machine_sources, "_asked", lambda command: None)


FAULTS = [
    Fault("engine", "no-engine", engine_named_wrongly),
    Fault("engine", "there is none", engine_gone, status="warn", id="engine-gone"),
    Fault("packages", "boto3 1.0.0", old_package),
    Fault("plugin", "is not there yet", lose_plugin, has_plugin, "warn"),
    Fault("clock", " s ahead of AWS", clock_ahead(900), clock_known),
    Fault("clock", "behind AWS", clock_ahead(-120), clock_known, "warn", id="clock-near"),
    Fault("disk", "0 MiB free", full_disk(1000)),
    Fault("disk", "200 MiB free", full_disk(200 * 1024**2), status="warn", id="disk-near"),
    Fault("data-folder", "everybody may read", open_folder, status="warn"),
    Fault("builders", "web would be built", no_builders, builders_needed, "warn"),
    Fault(
        "builders", "docker is there and does not work", silent_docker, builders_needed, "warn", id="docker"
    ),
]
