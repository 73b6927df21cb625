"""What policies say of a plan (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cygni.plan.model import Plan, PolicyFinding
from cygni.policies.catalogue import PACK
from cygni.policies.judging import judge
from cygni.policies.limits import Limits
from cygni.policies.rule import Level, Rule, Violation


def judged(plan: Plan, limits: Limits, levels: Mapping[str, Level]) -> Plan:
    """The plan with what Cygni's policies find in what would be there after it, changed now or not.

    `levels` says how strict each policy is, by name. What the engine's own packs found stays as it is.
    """
    resources = [resource for stack in plan.stacks for resource in stack.after]
    found = judge(resources, plan.cost.after, limits, levels)
    stacks = []
    for stack in plan.stacks:
        urns = {resource.urn for resource in stack.after}
        own = [one for one in found if one.resource is not None and one.resource.urn in urns]
        findings = (*stack.findings, *(_finding(one, levels) for one in own))
        stacks.append(replace(stack, findings=findings))
    whole = tuple(_finding(one, levels) for one in found if one.resource is None)
    return replace(plan, stacks=tuple(stacks), own_findings=whole)


def fix_of(rule: Rule) -> str:
    """What to do about it, and the key of cygni.yaml that does it."""
    return f"{rule.fix} In cygni.yaml: {rule.setting}." if rule.setting else rule.fix


def _finding(violation: Violation, levels: Mapping[str, Level]) -> PolicyFinding:
    rule, resource = violation.rule, violation.resource
    return PolicyFinding(
        policy=rule.name,
        pack=PACK,
        level=levels[rule.name].value,
        message=violation.problem,
        resource=resource.name if resource else "",
        type=resource.type if resource else "",
        why=rule.why,
        fix=fix_of(rule),
    )
