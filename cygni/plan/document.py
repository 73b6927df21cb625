"""A plan for programs: the document behind `--json` (schema in docs/plan.schema.json)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cygni.plan.model import (
    Drift,
    Plan,
    PlannedRelease,
    PolicyFinding,
    PropertyChange,
    StackPlan,
    Step,
    TemporaryCost,
)
from cygni.plan.wording import readable
from cygni.pricing import decimal_text

FORMAT_VERSION = 1


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values. Money is text in the currency of `cost`; values not known yet read `(known after
    apply)`."""
    return {
        "version": FORMAT_VERSION,
        "digest": plan_digest(plan),
        "project": plan.project,
        "environment": plan.environment,
        "region": plan.region,
        "target": plan.target,
        "account": plan.account or None,
        "destroy": plan.destroy,
        "emptied": plan.emptied,
        "changes": {change.value: count for change, count in plan.counts().items()},
        "stacks": [_stack(stack) for stack in plan.stacks],
        "releases": [_release(release) for release in plan.releases],
        "release_floor_seconds": plan.floor,
        "cost": plan.cost.to_dict(),
        "temporary": [_temporary(one) for one in plan.temporary],
        "findings": [_finding(finding) for finding in plan.own_findings],
        "warnings": list(plan.warnings),
    }


def plan_digest(plan: Plan) -> str:
    """Tells two plans apart that do not do the same: by their steps in any order, and by what is released."""
    steps = sorted(json.dumps([_step(step), step.urn], sort_keys=True) for step in plan.steps)
    drift = sorted(plan.drifted)
    releases = [_release(release) for release in plan.releases]
    place = [plan.project, plan.environment, plan.account, plan.emptied]
    return hashlib.sha256(json.dumps([place, steps, drift, releases]).encode()).hexdigest()


def _stack(stack: StackPlan) -> dict[str, Any]:
    return {
        "name": stack.part.value,
        "status": stack.status.value,
        "unchanged": stack.unchanged,
        "drifted": list(stack.drifted),
        "drift": [drift_document(drift) for drift in stack.drift],
        "findings": [_finding(finding) for finding in stack.findings],
        "steps": [_step(step) for step in stack.steps],
    }


def _temporary(cost: TemporaryCost) -> dict[str, Any]:
    return {
        "what": cost.what,
        "hourly": decimal_text(cost.hourly),
        "hourly_at_most": decimal_text(cost.hourly if cost.hourly is not None else cost.hourly_at_most),
        "seconds": cost.seconds,
    }


def _release(release: PlannedRelease) -> dict[str, Any]:
    return {
        "service": release.service,
        "rollout": release.rollout.value,
        "strategy": release.strategy or None,
        "tasks_before": release.before,
        "tasks_after": release.after,
        "secrets": list(release.secrets),
    }


def drift_document(drift: Drift) -> dict[str, Any]:
    """What was changed outside, as JSON values."""
    return {
        "change": "gone" if drift.gone else "changed",
        "type": drift.type,
        "name": drift.name,
        "urn": drift.urn,
        "id": drift.id or None,
        "properties": [
            {"path": one.path, "state": readable(one.before), "cloud": readable(one.after)}
            for one in drift.properties
        ],
    }


def _finding(finding: PolicyFinding) -> dict[str, Any]:
    return {
        "policy": finding.policy,
        "pack": finding.pack,
        "level": finding.level,
        "message": finding.message,
        "resource": finding.resource or None,
        "type": finding.type or None,
        "why": finding.why or None,
        "fix": finding.fix or None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "change": step.change.value,
        "type": step.type,
        "name": step.name,
        "urn": step.urn,
        "loses_data": step.stateful,
        "properties": [_property(change) for change in step.properties],
    }


def _property(change: PropertyChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "before": readable(change.before),
        "after": readable(change.after),
        "forces_replacement": change.replaces,
    }
