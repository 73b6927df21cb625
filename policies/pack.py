"""The pack itself: every rule of `cygni.policies` as a policy of Pulumi CrossGuard."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
from cygni.pricing import Estimate, PriceBook, estimate
from cygni.pricing.resource_set import ResourceSet
from policies.configuration import CONFIGURABLE, limits_of, size_of_stack
from policies.translation import inputs_of, resource_of

_LEVELS: Mapping[Level, EnforcementLevel] = {
    Level.MANDATORY: EnforcementLevel.MANDATORY,
    Level.ADVISORY: EnforcementLevel.ADVISORY,
    Level.DISABLED: EnforcementLevel.DISABLED,
}


def main() -> None:
    """Serves the pack to the engine that started this process, until the engine ends it."""
    PolicyPack(PACK, policies_for(size_of_stack(os.environ)))


def policies_for(size: str) -> list[Policy]:
    """Every policy with the level it has in an environment of a size; --policy-pack-config may say another.

    Rules that look at one resource are asked as soon as it is declared, the others when all are. Tags that are
    missing are added where their values are known.
    """
    return [_policy(rule, size) for rule in RULES.values()]


def _policy(rule: Rule, size: str) -> Policy:
    given: dict[str, Any] = {
        "name": rule.name,
        "description": rule.checks,
        "enforcement_level": _LEVELS[rule.levels.at(size)],
        "remediation_steps": rule.fix,
    }
    if rule.name in CONFIGURABLE:
        given["config_schema"] = PolicyConfigSchema(
            {key: dict(one) for key, one in CONFIGURABLE[rule.name].items()}
        )
    if not isinstance(rule, ResourceRule) or rule.looks_around:
        return StackValidationPolicy(**given, validate=_of_stack(rule, size))
    if rule is REQUIRED_TAGS:
        given |= {"enforcement_level": EnforcementLevel.REMEDIATE, "remediate": with_tags}
    return ResourceValidationPolicy(**given, validate=_of_resource(rule, size))


def _of_resource(rule: ResourceRule, size: str) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if args.resource_type in rule.types:
            limits = limits_of(size, args.get_config())
            scene = Scene(ResourceSet([resource_of(args)]), limits, Estimate(()))
            for violation in violations(rule, scene):
                report_violation(_message(violation), None)

    return validate


def _of_stack(rule: Rule, size: str) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        limits = limits_of(size, args.get_config())
        resources = [resource_of(one) for one in args.resources]
        cost = estimate(resources, PriceBook.load()) if limits.monthly_cost is not None else Estimate(())
        for violation in violations(rule, Scene(ResourceSet(resources), limits, cost)):
            report_violation(_message(violation), violation.resource.urn if violation.resource else None)

    return validate


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
