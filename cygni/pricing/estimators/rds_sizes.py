"""What a class of a database says of its size, and what follows from its version."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from cygni.pricing import estimate_day
from cygni.pricing.charges import Gap, Quantity
from cygni.pricing.readings import Reading, Subject, is_one_of, negated, text
from cygni.rds_versions import support_year

# vCPU of the sizes of current generations (aws.amazon.com/rds/instance-types); xlarge has 4, and Nxlarge N times 4.
_SMALL: Final = {"micro": 2, "small": 2, "medium": 2, "large": 2}
_OLD: Final = frozenset({"t1", "t2", "m1", "m2", "m3"})
_FULL: Final = re.compile(
    r"db\.(?P<family>[a-z0-9]+)\.(?:(?P<small>micro|small|medium|large)|(?P<n>[0-9]*)xlarge)"
)


def vcpus(instance_class: str) -> Quantity:
    """`4` of db.m6g.xlarge; a gap for generations and sizes that follow other rules."""
    found = _FULL.match(instance_class)
    if found is None or found["family"] in _OLD:
        return Gap(f"the vCPU of {instance_class} are not known")
    if found["small"]:
        return Decimal(_SMALL[found["small"]])
    return Decimal(4 * int(found["n"] or 1))


def family(instance_class: str) -> str:
    """`t4g` of db.t4g.micro."""
    return instance_class.removeprefix("db.").split(".", 1)[0]


def extended_support(engine: Reading[str], version: Reading[str]) -> Reading[str]:
    """The year of extended support; `none` under standard support, and of an engine that is not known."""

    def read(subject: Subject) -> str | Gap:
        named, numbered = engine(subject), version(subject)
        if isinstance(named, Gap):
            return "none"
        if isinstance(numbered, Gap):
            return numbered
        return support_year(named, numbered, estimate_day.today()) or "none"

    return read


SUPPORTED_LONGER: Final = negated(
    is_one_of(text("engineLifecycleSupport", ""), "open-source-rds-extended-support-disabled")
)
