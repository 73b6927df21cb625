"""The pack itself: every rule of `cygni.policies` as a policy of Pulumi CrossGuard."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import TextIOWrapper
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import serialize_properties

from cygni.policies.catalogue import PACK, RULES
from cygni.policies.judging import violations
from cygni.policies.limits import OWN_TAGS
from cygni.policies.rule import Level, ResourceRule, Rule, Scene, Violation
from cygni.policies.tags import REQUIRED_TAGS, missing_tags, tags_of
from cygni.pricing import Estimate, estimate
from cygni.pricing.books import book_in_use
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource
from policies.configuration import CONFIGURABLE, limits_of, size_of_stack
from policies.translation import inputs_of, resource_of

_LEVELS: Mapping[Level, EnforcementLevel] = {
    Level.MANDATORY: EnforcementLevel.MANDATORY,
    Level.ADVISORY: EnforcementLevel.ADVISORY,
    Level.DISABLED: EnforcementLevel.DISABLED,
}


def main() -> None:
    """Serves the pack to the engine that started this process, until the engine ends it."""
    # The SDK writes its port to stdout's buffer and serves: from a buffer that keeps it, the engine never hears it.
    sys.stdout = TextIOWrapper(open(1, "wb", buffering=0, closefd=False), write_through=True)  # noqa: SIM115
    PolicyPack(PACK, policies_for(size_of_stack(os.environ)))


def policies_for(size: str) -> list[Policy]:
    """Every policy with the level it has in an environment of a size; --policy-pack-config may say another.

    Rules that look at one resource are asked as soon as it is declared, the others when all are. Tags that are
    missing are added where their values are known.
    """
    pack = _Pack(size)
    return [pack.policy(rule) for rule in RULES.values()]


class _Pack:
    """The policies of one run. `declared` holds what each resource was declared with, by URN: when all are there the
    engine hands over outputs, of which a preview knows less."""

    def __init__(self, size: str) -> None:
        self.size = size
        self.declared: dict[str, Resource] = {}

    def policy(self, rule: Rule) -> Policy:
        given: dict[str, Any] = {
            "name": rule.name,
            "description": rule.checks,
            "enforcement_level": _LEVELS[rule.levels.at(self.size)],
            "remediation_steps": rule.fix,
        }
        if rule.name in CONFIGURABLE:
            schema = {key: dict(one) for key, one in CONFIGURABLE[rule.name].items()}
            given["config_schema"] = PolicyConfigSchema(schema)
        if not isinstance(rule, ResourceRule) or rule.looks_around:
            return StackValidationPolicy(**given, validate=self._of_stack(rule))
        if rule is REQUIRED_TAGS:
            given |= {"enforcement_level": EnforcementLevel.REMEDIATE, "remediate": with_tags}
        return ResourceValidationPolicy(**given, validate=self._of_resource(rule))

    def _of_resource(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
        def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
            resource = self.declared[args.urn] = resource_of(args)
            scene = Scene(ResourceSet([resource]), limits_of(self.size, args.get_config()), Estimate(()))
            for violation in violations(rule, scene):
                report_violation(_message(violation), None)

        return validate

    def _of_stack(self, rule: Rule) -> Callable[[StackValidationArgs, ReportViolation], None]:
        def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
            limits = limits_of(self.size, args.get_config())
            resources = [self._as_declared(resource_of(one)) for one in args.resources]
            costs = limits.monthly_cost is not None
            cost = estimate(resources, book_in_use()) if costs else Estimate(())
            for violation in violations(rule, Scene(ResourceSet(resources), limits, cost)):
                report_violation(_message(violation), violation.resource.urn if violation.resource else None)

        return validate

    def _as_declared(self, found: Resource) -> Resource:
        declared = self.declared.get(found.urn, found)
        return replace(found, inputs=declared.inputs, region=found.region or declared.region)


def _message(violation: Violation) -> str:
    """The engine puts what is checked before it, and the resource beside it."""
    return f"It {violation.problem}.\nWhy: {violation.rule.why}\nFix: {violation.rule.fix}"


def with_tags(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
    """The properties of a resource with the required tags it lacks, as far as their values are known; None where
    nothing is to be added.

    Cygni's own tags follow from the URN, others from `values` of the policy's configuration. What the resource has
    stays as it is, unknown values and secrets too.
    """
    config = args.get_config()
    wanted = config.get("tags", OWN_TAGS)
    inputs = inputs_of(args.props)
    values = {**tags_of(args.urn), **config.get("values", {})}
    added = {key: values[key] for key in missing_tags(args.resource_type, inputs, wanted) if key in values}
    if not added:
        return None
    raw = serialize_properties(args.props)
    return {**raw, "tags": {**(raw.get("tags") or {}), **added}}
