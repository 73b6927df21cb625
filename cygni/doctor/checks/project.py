"""Checks of the project: its cygni.yaml, the folders it names, and the plan that the engine makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.doctor.check import Check, Finding, Group, failed, passed
from cygni.doctor.facts import Fact, Facts
from cygni.resources import Resource
from cygni.spec import ProjectSpec


@dataclass(frozen=True, slots=True)
class BuildFolders:
    """The folders that services are built from: all of them, and those that are not there, by service."""

    there: tuple[str, ...]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """What the next deploy would do: the resources there will be, those of them that are made, and the type tokens of
    what it makes or changes, and of what it deletes; `changes` counts its steps."""

    resources: tuple[Resource, ...] = ()
    made: tuple[Resource, ...] = ()
    kept: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changes: int = 0


SPEC: Final = Fact[ProjectSpec]("spec", "cygni.yaml")
FOLDERS: Final = Fact[BuildFolders]("folders", "the folders that images are built from")
PLAN: Final = Fact[Planned]("plan", "the plan")


def _specification(facts: Facts) -> Finding:
    error = facts.error(SPEC)
    if error is not None:
        return failed(error.message, error.hint or "Mend cygni.yaml where it says.")
    spec = facts[SPEC]
    return passed(f"{spec.project} for {spec.environment}, in {spec.region}")


def _folders(facts: Facts) -> Finding:
    found = facts[FOLDERS]
    if found.missing:
        told = "; ".join(
            f"{service} is built from {folder}, which is not there"
            for service, folder in found.missing.items()
        )
        return failed(
            told, "\n".join(f"mkdir -p {folder}" for folder in dict.fromkeys(found.missing.values()))
        )
    if not found.there:
        return passed("no service is built from a folder")
    return passed(", ".join(found.there))


def _plan(facts: Facts) -> Finding:
    error = facts.error(PLAN)
    if error is not None:
        return failed(error.message, error.hint or "cx diff --debug")
    found = facts[PLAN]
    return passed(f"{len(found.resources)} resources, {found.changes} to be changed")


CHECKS: Final = (
    Check(
        "specification",
        Group.PROJECT,
        "cygni.yaml is there and has no mistakes",
        _specification,
        "change the line that it names",
        tries=(SPEC,),
    ),
    Check(
        "folders",
        Group.PROJECT,
        "The folders that images are built from are there",
        _folders,
        "make the folder, or name another in `build.context`",
        needs=(FOLDERS,),
        quick=True,
    ),
    Check(
        "plan",
        Group.PROJECT,
        "The engine can plan a deploy",
        _plan,
        "as the error says that planning ended with",
        tries=(PLAN,),
    ),
)
