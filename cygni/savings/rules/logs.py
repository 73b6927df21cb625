"""Logs that are kept for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cygni.pricing.usage_metrics import METRICS
from cygni.savings.evidence import DAYS
from cygni.savings.rule import Candidate, Change, Rule, Situation

_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_KEPT: Final = 30  # days; what cygni.yaml says outside production
INGESTED: Final = next(metric for metric in METRICS if metric.amount == "log_ingest_gb")


def _kept_for_ever(situation: Situation) -> Iterable[Candidate]:
    for group in situation.known.of_type(_GROUP):
        if group.inputs.get("retentionInDays", 0) != 0:
            continue
        if not situation.evidence.measured_every_day(group.urn, INGESTED.amount):
            continue
        written = situation.evidence.total(group.urn, INGESTED.amount) / INGESTED.per
        name = situation.id_of(group)
        yield Candidate(
            subject=group.urn,
            seen=f"{written:.2f} GB written in {DAYS} days, and kept for ever",
            changed={group.urn: replace(group, inputs={**group.inputs, "retentionInDays": _KEPT})},
            change=Change(
                f"Keep {_KEPT} days, in the program too.",
                command=f"aws logs put-retention-policy --log-group-name {name} --retention-in-days {_KEPT}",
            ),
            caution=(
                "Older lines are deleted. The amount is what a year of such days brings together, less what 30 days do."
            ),
            by_use=True,
        )


RULES: Final = (
    Rule(
        "log-retention",
        "Logs without a retention grow for ever, and each month costs more than the one before.",
        f"A log group without a retention that was written to on each of {DAYS} days.",
        "Amazon CloudWatch Logs User Guide, log data retention; Amazon CloudWatch pricing",
        _kept_for_ever,
        (INGESTED,),
    ),
)
