"""Asking all rules about all resources (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cygni.policies.catalogue import RULES
from cygni.policies.limits import Limits
from cygni.policies.rule import Level, ResourceRule, Rule, Scene, SceneRule, Violation
from cygni.pricing import Estimate
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource


def judge(
    resources: Iterable[Resource],
    estimate: Estimate,
    limits: Limits,
    levels: Mapping[str, Level],
    rules: Iterable[ResourceRule | SceneRule] = tuple(RULES.values()),
) -> tuple[Violation, ...]:
    """What is against the rules that are not disabled, in the order of the rules and then of URNs.

    `levels` says how strict each rule is, by name; `estimate` is what `resources` cost. A value that is not known
    yet is against nothing: give the resources again when it is. Never raises for what inputs hold.
    """
    scene = Scene(ResourceSet(resources), limits, estimate)
    awake = [rule for rule in rules if levels[rule.name] is not Level.DISABLED]
    return tuple(violation for rule in awake for violation in violations(rule, scene))


def violations(rule: Rule, scene: Scene) -> Iterator[Violation]:
    """What is against one rule."""
    if isinstance(rule, SceneRule):
        yield from (Violation(rule, problem) for problem in rule.problems(scene))
    elif isinstance(rule, ResourceRule):
        for resource in scene.resources:
            if resource.type in rule.types:
                for problem in rule.problems(resource, scene):
                    yield Violation(rule, problem, resource)
