"""Who may enter what runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.resources import Resource

_SERVICE: Final = "aws:ecs/service:Service"


def _entered(resource: Resource, scene: Scene) -> Iterator[str]:
    if resource.inputs.get("enableExecuteCommand") is True:
        yield "lets commands into its tasks (enableExecuteCommand)"


NO_EXEC = ResourceRule(
    name="no-exec",
    checks="ECS services let nobody run commands in their tasks.",
    why="Whoever may call ecs:ExecuteCommand is inside the program, with its secrets and what its role may do, and "
    "what is changed there no release knows of.",
    fix="Turn enableExecuteCommand off; or let few call ecs:ExecuteCommand, and log the sessions of the cluster.",
    levels=Levels.production_only(Level.ADVISORY),
    setting="services.NAME.exec",
    types=frozenset({_SERVICE}),
    problems=_entered,
)
