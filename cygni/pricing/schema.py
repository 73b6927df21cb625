"""JSON schemas of `Estimate.to_dict()` and `CostDiff.to_dict()`, to be part of what `--json` publishes."""

from __future__ import annotations

import json
from typing import Any, Final

from cygni.pricing.difference import Bound

Schema = dict[str, Any]


def object_of(properties: Schema) -> Schema:
    """An object with exactly these properties, all of them present but the rate of exchange of `CURRENCY`."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name, schema in properties.items() if schema is not EXCHANGE],
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def described(schema: Schema, description: str) -> Schema:
    return {"description": description, **schema}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def published_schema(title: str, schema: Schema) -> str:
    """The schema as a file of docs/."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps({**head, **schema}, indent=2) + "\n"


TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
FLAG: Final[Schema] = {"type": "boolean"}
DATE: Final[Schema] = or_null({"type": "string", "format": "date"})
DECIMAL: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
EXCHANGE: Final[Schema] = described(
    {
        "type": "object",
        "properties": {
            "per_usd": described(DECIMAL, "What one US dollar is in `currency`."),
            "date": described(DATE, "The day of the rate."),
            "source": described(or_null(TEXT), "Who says so."),
        },
        "required": ["per_usd", "date", "source"],
        "additionalProperties": False,
    },
    "The rate at which amounts were converted, where `currency` is not USD.",
)
CURRENCY: Final[Schema] = {
    "currency": described(
        {"type": "string", "pattern": "^[A-Z]{3}$"}, "What amounts are in: USD unless another was asked for."
    ),
    "exchange": EXCHANGE,
}
_AMOUNT_NAMES: Final = ("hourly", "monthly", "usage_hourly", "usage_monthly")
_AMOUNTS: Final = object_of(dict.fromkeys(_AMOUNT_NAMES, DECIMAL))
_COST: Final = object_of(dict.fromkeys(_AMOUNT_NAMES, or_null(DECIMAL)))
_AT_MOST: Final = object_of(
    {
        "monthly": described(or_null(DECIMAL), "Fixed cost a month; null where nothing bounds it."),
        "usage_monthly": described(or_null(DECIMAL), "The same of usage-based cost."),
    }
)
_BOUND: Final[Schema] = {"enum": [bound.value for bound in Bound]}

_LINE: Final = object_of(
    {
        "component": TEXT,
        "quantity": or_null(DECIMAL),
        "unit": TEXT,
        "unit_price": or_null(DECIMAL),
        "hourly": or_null(DECIMAL),
        "monthly": or_null(DECIMAL),
        "usage_based": FLAG,
        "assumption": or_null(TEXT),
        "as_of": DATE,
        "price_key": TEXT,
        "missing": or_null(TEXT),
        "discount": described(or_null(TEXT), "Why `unit_price` is not the list price, where it is another."),
        "at_most": described(
            or_null(DECIMAL),
            "What a line without an amount costs at most a month; null where nothing bounds it.",
        ),
    }
)

_RESOURCE: Final = object_of(
    {
        "urn": TEXT,
        "type": TEXT,
        "name": TEXT,
        "status": {"enum": ["priced", "free", "usage-only", "no_price", "not_priced"]},
        "note": or_null(TEXT),
        "cost": _COST,
        "known": _AMOUNTS,
        "at_most": described(_AT_MOST, "The most that the resource costs."),
        "said_at_most": described(
            or_null(DECIMAL),
            "What cygni-usage.yaml says that its parts without a price cost at most a month.",
        ),
        "not_counted": described(list_of(TEXT), "What AWS may bill for it beside its lines."),
        "lines": {"type": "array", "items": _LINE},
    }
)

_SUMMARY: Final[Schema] = {
    "currency": CURRENCY["currency"],
    "hours_per_month": {"const": 730},
    "totals": described(_AMOUNTS, "The sum of what has a price; not the whole unless `complete`."),
    "at_most": described(_AT_MOST, "The most that all resources cost."),
    "complete": FLAG,
    "free_tier": described(FLAG, "Whether what AWS gives an account free of charge is deducted."),
    "missing": COUNT,
    "unpriced": {"type": "object", "additionalProperties": COUNT},
    "prices": object_of({"oldest": DATE, "newest": DATE, "undated": COUNT}),
}

ESTIMATE_SCHEMA: Final = object_of(
    {**_SUMMARY, **CURRENCY, "resources": {"type": "array", "items": _RESOURCE}}
)

COST_DIFF_SCHEMA: Final = object_of(
    {
        **CURRENCY,
        "before": object_of(_SUMMARY),
        "after": object_of(_SUMMARY),
        "delta": _AMOUNTS,
        "delta_at_most": described(_AT_MOST, "The most that the difference is."),
        "bound": _BOUND,
        "usage_bound": _BOUND,
        "complete": FLAG,
        "unknown": COUNT,
        "usage_unknown": COUNT,
        "resources": {
            "type": "array",
            "items": object_of(
                {
                    "urn": TEXT,
                    "type": TEXT,
                    "name": TEXT,
                    "before": or_null(_RESOURCE),
                    "after": or_null(_RESOURCE),
                    "delta": _COST,
                    "known_delta": _AMOUNTS,
                    "delta_at_most": _AT_MOST,
                    "bound": _BOUND,
                    "usage_bound": _BOUND,
                }
            ),
        },
    }
)
