"""What a policy is, how strict it is where, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cygni.policies.limits import Limits
from cygni.pricing import Estimate
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource


class Level(StrEnum):
    """How strict a policy is. `mandatory` stops a deploy, `advisory` only speaks, `disabled` is silent."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Levels:
    """The level a policy has by itself, by the size of the environment (`cygni.spec.sizes.Size`)."""

    preview: Level
    staging: Level
    production: Level

    @classmethod
    def everywhere(cls, level: Level) -> Levels:
        return cls(level, level, level)

    @classmethod
    def production_only(cls, level: Level) -> Levels:
        return cls(Level.DISABLED, Level.DISABLED, level)

    def at(self, size: str) -> Level:
        """The level in an environment of a size: preview, staging or production."""
        return {"preview": self.preview, "staging": self.staging, "production": self.production}[size]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rule may look at besides one resource: all others, the limits, and what all of it costs."""

    resources: ResourceSet
    limits: Limits
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy. `checks`, `why` and `fix` are sentences for people: what it asks of a resource, what may happen
    otherwise, and what to write instead. `setting` names the key of cygni.yaml that decides it, where there is one.
    """

    name: str
    checks: str
    why: str
    fix: str
    levels: Levels
    setting: str = ""


@dataclass(frozen=True, slots=True)
class ResourceRule(Rule):
    """A policy of single resources, of the type tokens `types`.

    `problems` says in words what is wrong with one, each problem beginning with a verb: "has no backups". It never
    raises, and what is not known yet is no problem. `looks_around` says that it looks at other resources too.
    """

    types: Collection[str] = ()
    problems: Callable[[Resource, Scene], Iterable[str]] = lambda resource, scene: ()
    looks_around: bool = False


@dataclass(frozen=True, slots=True)
class SceneRule(Rule):
    """A policy of all resources together."""

    problems: Callable[[Scene], Iterable[str]] = lambda scene: ()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is against a rule; `resource` is None where it is all of them together."""

    rule: Rule
    problem: str
    resource: Resource | None = None
