"""What there is to judge savings by: the state, CloudWatch, and what EC2 says is unattached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cygni.engine_documents.reading import EngineDocument
from cygni.engine_documents.stored import Identity
from cygni.pricing.books import book_in_use
from cygni.pricing.usage_metrics import Points, Query, monthly_amounts, queries
from cygni.pricing.usage_rules import Measured, UsageRules
from cygni.resources import Resource
from cygni.savings.catalogue import METRICS, RULES
from cygni.savings.document import SavingsReport
from cygni.savings.evidence import DAYS, Evidence
from cygni.savings.finding import find_savings
from cygni.savings.rule import Situation
from cygni.savings.rules.logs import INGESTED
from cygni.spec import ProjectSpec
from cygni.targets.cloudwatch_usage import ask
from cygni.targets.fargate.clients import Clients
from cygni.targets.unattached import Unattached, unattached

ClientsOf = Callable[[str], Clients]
"""The clients of a region."""


def savings_report(
    spec: ProjectSpec, document: EngineDocument, clients_of: ClientsOf, usage: UsageRules, until: datetime
) -> SavingsReport:
    """Of the environment of `spec`, whose state is `document`, in the days up to the midnight `until` (UTC). Raises
    AuthError, Unreachable and ResourceFailed."""
    measured = ask(
        queries(document.before, document.identities, METRICS),
        lambda region: clients_of(region)("cloudwatch"),
        until - timedelta(days=DAYS),
        until,
    )
    alone = unattached(clients_of(spec.region), spec.project, spec.environment, spec.region)
    found = find_savings(
        _situation(spec, document, Evidence.of(measured), alone),
        RULES,
        book_in_use(),
        _with_measured_logs(usage, measured, until),
    )
    return SavingsReport(spec.project, spec.environment, until.date(), found)


def _situation(
    spec: ProjectSpec, document: EngineDocument, evidence: Evidence, alone: Iterable[Unattached]
) -> Situation:
    """What is deployed, with what carries the tags of the environment and is in no state."""
    urns = {identity.id: urn for urn, identity in document.identities.items()}
    identities, strangers, unused = dict(document.identities), [], set()
    for one in alone:
        urn = urns.get(one.id, f"ec2::{one.id}")
        unused.add(urn)
        if one.id not in urns:
            strangers.append(Resource(urn, one.type, one.id, one.inputs, spec.region))
            identities[urn] = Identity(one.id, one.id, "")
    return Situation(
        spec.project,
        spec.environment,
        (*document.before, *strangers),
        identities,
        evidence,
        frozenset(unused),
    )


def _with_measured_logs(usage: UsageRules, measured: Mapping[Query, Points], until: datetime) -> UsageRules:
    """What is assumed of use, with what was written to log groups as it was measured."""
    logs = {query: points for query, points in measured.items() if query.metric is INGESTED}
    amounts, days = monthly_amounts(logs, until)
    before = usage.file.measured.amounts if usage.file.measured is not None else {}
    merged = {urn: {**before.get(urn, {}), **amounts.get(urn, {})} for urn in {**before, **amounts}}
    return replace(usage, file=replace(usage.file, measured=Measured(until.date(), days, merged)))
