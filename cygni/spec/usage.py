"""The `usage` of cygni.yaml: what estimates assume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model

from cygni.spec.section import Section
from cygni.usage_assumptions import ASSUMPTIONS, HIGHEST, Assumption


def _field(assumption: Assumption) -> Any:
    default = float(assumption.default)
    amount = int(default) if default.is_integer() else default
    return Field(
        default=amount,
        ge=0,
        le=int(HIGHEST),
        allow_inf_nan=False,
        description=assumption.description,
        examples=[amount],
    )


class UsageAssumptions(Section):
    """What to assume of use, where AWS bills by use."""

    free_tier: bool = Field(
        default=False,
        description=(
            "Whether to deduct what AWS gives each account free of charge every month. "
            "Say yes only where nothing else in the account uses it up."
        ),
    )


if not TYPE_CHECKING:  # a type checker knows no fields made from a table
    UsageAssumptions = create_model(
        "UsageAssumptions",
        __base__=UsageAssumptions,
        __doc__=UsageAssumptions.__doc__,
        __module__=__name__,
        **{name: (float, _field(assumption)) for name, assumption in ASSUMPTIONS.items()},
    )
