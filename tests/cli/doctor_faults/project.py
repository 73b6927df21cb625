"""Faults of the project."""

from __future__ import annotations

from typing import Any

from cygni.errors import EngineError
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import DOMAIN, World

SPEC: dict[str, Any] = {"domain": {"name": DOMAIN}}


def no_specification(world: World) -> None:
    (world.cx.folder / "cygni.yaml").unlink()
    world.typed[""] = lambda line: world.cx.write(**SPEC)


def mistake(world: World) -> None:
    world.cx.write(log_retenton=7)

    def correct(line: str) -> None:
        assert "log_retention" in line
        world.cx.write(log_retention=7)

    world.typed[""] = correct


def build_folder_gone(world: World) -> None:
    (world.cx.folder / "web").rmdir()


def build_folder(world: World) -> None:
    (world.cx.folder / "web").mkdir()
    world.cx.write(services={"web": {"build": {"tag": "v1", "context": "web"}, "port": 80}})


def plan_refused(world: World) -> None:
    def refuse(operation: Any) -> None:
        raise EngineError("the program ended with an error", hint="Mend the program.")

    def mend(line: str) -> None:
        world.cx.runner.before = lambda operation: None

    world.cx.runner.before = refuse
    world.typed["Mend the program."] = mend


FAULTS = [
    Fault("specification", "no cygni.yaml", no_specification),
    Fault("specification", "log_retenton", mistake, id="mistake"),
    Fault("folders", "web is built from", build_folder_gone, build_folder),
    Fault("plan", "ended with an error", plan_refused),
]
