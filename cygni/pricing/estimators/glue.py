"""Glue and Athena: jobs, crawlers and sessions by what they use while they run, the catalog, and queries."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    choice,
    is_one_of,
    is_set,
    named,
    number,
    text,
    times,
    units,
    use,
    whole,
)

_SERVICE: Final = "AWSGlue"
# Data processing units of one worker (docs.aws.amazon.com/glue, worker types).
_WORKERS: Final = {
    "Standard": Decimal(1), "G.1X": Decimal(1), "G.2X": Decimal(2), "G.4X": Decimal(4), "G.8X": Decimal(8),
    "G.12X": Decimal(12), "G.16X": Decimal(16), "G.025X": Decimal("0.25"), "R.1X": Decimal(1), "R.2X": Decimal(2),
    "R.4X": Decimal(4), "R.8X": Decimal(8), "Z.2X": Decimal(2),
}  # fmt: skip
# Where nothing is said, a job has 10 units and a Python shell job a sixteenth (docs.aws.amazon.com/glue, Job), and an
# endpoint 5 (CreateDevEndpoint).
_SHELL: Final = is_one_of(text("command.name", "glueetl"), "pythonshell")
_UNITS: Final[Reading[Decimal]] = choice(
    is_set("workerType"),
    times(whole("numberOfWorkers"), named(text("workerType"), _WORKERS, "the worker type")),
    choice(is_set("maxCapacity"), number("maxCapacity"), choice(_SHELL, units("0.0625"), units(10))),
)

ESTIMATORS: Final = (
    priced(
        "aws:glue/job:Job",
        parts=(
            Part(
                by_usage("processing", _SERVICE, "job", "DPU-hours", "job_hours"),
                times(_UNITS, use("job_hours")),
                by={"execution_class": text("executionClass", "STANDARD")},
            ),
        ),
        notes=("Workers times their processing units (10 unless said otherwise), for the hours it runs.",),
    ),
    priced(
        "aws:glue/crawler:Crawler",
        parts=(by_usage("processing", _SERVICE, "crawler", "DPU-hours", "crawler_hours"),),
    ),
    priced(
        "aws:glue/catalogTable:CatalogTable",
        parts=(
            by_usage("requests to the catalog", _SERVICE, "catalog-requests", "request", "catalog_requests"),
        ),
        notes=("The first million objects and requests of an account are free; requests are not deducted.",),
    ),
    priced(
        "aws:glue/devEndpoint:DevEndpoint",
        parts=(
            Part(
                by_usage("capacity", _SERVICE, "dev-endpoint", "DPU-hours", "job_hours"),
                times(use("job_hours"), units(5)),
            ),
        ),
    ),
    priced(
        "aws:athena/workgroup:Workgroup",
        parts=(by_usage("data scanned", "AmazonAthena", "data-scanned", "TB", "athena_tb"),),
    ),
)
