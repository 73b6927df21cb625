"""JSON schemas of `Estimate.to_dict()` and `CostDiff.to_dict()`, to be part of what `--json` publishes."""

from __future__ import annotations

from typing import Any, Final

from cygni.pricing.difference import Bound

Schema = dict[str, Any]


def _object(properties: Schema) -> Schema:
    """An object with exactly these properties, all of them present."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_FLAG: Final[Schema] = {"type": "boolean"}
_DATE: Final[Schema] = _or_null({"type": "string", "format": "date"})
_DECIMAL: Final[Schema] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_AMOUNT_NAMES: Final = ("hourly", "monthly", "usage_hourly", "usage_monthly")
_AMOUNTS: Final = _object(dict.fromkeys(_AMOUNT_NAMES, _DECIMAL))
_COST: Final = _object(dict.fromkeys(_AMOUNT_NAMES, _or_null(_DECIMAL)))
_BOUND: Final[Schema] = {"enum": [bound.value for bound in Bound]}

_LINE: Final = _object(
    {
        "component": _TEXT,
        "quantity": _or_null(_DECIMAL),
        "unit": _TEXT,
        "unit_price": _or_null(_DECIMAL),
        "hourly": _or_null(_DECIMAL),
        "monthly": _or_null(_DECIMAL),
        "usage_based": _FLAG,
        "assumption": _or_null(_TEXT),
        "as_of": _DATE,
        "price_key": _TEXT,
        "missing": _or_null(_TEXT),
    }
)

_RESOURCE: Final = _object(
    {
        "urn": _TEXT,
        "type": _TEXT,
        "name": _TEXT,
        "status": {"enum": ["priced", "free", "usage-only", "no_price", "not_priced"]},
        "note": _or_null(_TEXT),
        "cost": _COST,
        "known": _AMOUNTS,
        "lines": {"type": "array", "items": _LINE},
    }
)

_SUMMARY: Final[Schema] = {
    "currency": {"const": "USD"},
    "hours_per_month": {"const": 730},
    "totals": _AMOUNTS,
    "complete": _FLAG,
    "missing": _COUNT,
    "unpriced": {"type": "object", "additionalProperties": _COUNT},
    "prices": _object({"oldest": _DATE, "newest": _DATE, "undated": _COUNT}),
}

ESTIMATE_SCHEMA: Final = _object({**_SUMMARY, "resources": {"type": "array", "items": _RESOURCE}})

COST_DIFF_SCHEMA: Final = _object(
    {
        "currency": {"const": "USD"},
        "before": _object(_SUMMARY),
        "after": _object(_SUMMARY),
        "delta": _AMOUNTS,
        "bound": _BOUND,
        "usage_bound": _BOUND,
        "complete": _FLAG,
        "unknown": _COUNT,
        "usage_unknown": _COUNT,
        "resources": {
            "type": "array",
            "items": _object(
                {
                    "urn": _TEXT,
                    "type": _TEXT,
                    "name": _TEXT,
                    "before": _or_null(_RESOURCE),
                    "after": _or_null(_RESOURCE),
                    "delta": _COST,
                    "known_delta": _AMOUNTS,
                    "bound": _BOUND,
                    "usage_bound": _BOUND,
                }
            ),
        },
    }
)
