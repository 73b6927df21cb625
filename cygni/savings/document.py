"""What `cx cost savings --json` prints, and its schema (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cygni.pricing.exchange import DOLLARS, Exchange
from cygni.pricing.money import HOURS_PER_MONTH, decimal_text
from cygni.pricing.schema import (
    COUNT,
    CURRENCY,
    DECIMAL,
    FLAG,
    TEXT,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
    published_schema,
)
from cygni.savings.catalogue import RULES
from cygni.savings.evidence import DAYS
from cygni.savings.finding import Finding, total

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class SavingsReport:
    """What was found, the most first; measured up to the day `until`, which is not part of it. `exchange` is what
    amounts are in."""

    project: str
    environment: str
    until: date
    findings: Sequence[Finding]
    exchange: Exchange = DOLLARS


def savings_document(report: SavingsReport) -> dict[str, Any]:
    """The report as JSON values; money as decimal text."""
    return {
        "version": FORMAT_VERSION,
        "project": report.project,
        "environment": report.environment,
        **report.exchange.document,
        "hours_per_month": int(HOURS_PER_MONTH),
        "days": DAYS,
        "until": report.until.isoformat(),
        "monthly": decimal_text(total(report.findings)),
        "findings": [_finding(one) for one in report.findings],
    }


def _finding(found: Finding) -> dict[str, Any]:
    change = found.candidate.change
    return {
        "rule": found.rule.name,
        "urn": found.resource.urn,
        "type": found.resource.type,
        "name": found.resource.name,
        "id": found.id,
        "seen": found.candidate.seen,
        "monthly": decimal_text(found.saves),
        "costs_monthly": decimal_text(found.costs),
        "by_use": found.candidate.by_use,
        "counted": found.counted,
        "change": {"says": change.says, "cygni_yaml": change.settings, "command": change.command},
        "caution": found.candidate.caution,
    }


_DAY: Final[Schema] = {"type": "string", "format": "date"}
_FINDING: Final = object_of(
    {
        "rule": {"enum": [rule.name for rule in RULES]},
        "urn": described(TEXT, "The resource; of one that is in no state `ec2::` and its id."),
        "type": described(TEXT, "Type token of Pulumi."),
        "name": TEXT,
        "id": described(TEXT, "What the cloud calls it."),
        "seen": described(TEXT, "The figures it is judged by."),
        "monthly": described(
            or_null(DECIMAL), "What it saves a month; null where what would be instead has no list price."
        ),
        "costs_monthly": described(DECIMAL, "What all that changes costs a month now."),
        "by_use": described(FLAG, "Whether both are cost by use, else fixed cost."),
        "counted": described(
            FLAG, "Whether it is in the total: not if another for the same resource saves more."
        ),
        "change": object_of(
            {
                "says": TEXT,
                "cygni_yaml": described(
                    or_null({"type": "object"}), "What to write in cygni.yaml under the environment."
                ),
                "command": described(or_null(TEXT), "The command that does it."),
            }
        ),
        "caution": described(TEXT, "What to heed; empty where there is nothing."),
    }
)

SAVINGS_SCHEMA: Final = object_of(
    {
        "version": described(
            {"const": FORMAT_VERSION}, "Format of this document; a field or a rule may be added to it."
        ),
        "project": TEXT,
        "environment": TEXT,
        **CURRENCY,
        "hours_per_month": {"const": int(HOURS_PER_MONTH)},
        "days": described(COUNT, "How many days were looked at."),
        "until": described(_DAY, "The first day after them."),
        "monthly": described(DECIMAL, "What all that are counted save together a month."),
        "findings": list_of(_FINDING),
    }
)


def published() -> str:
    """The schema as a file: docs/savings.schema.json."""
    return published_schema("What `cx cost savings --json` prints", SAVINGS_SCHEMA)
