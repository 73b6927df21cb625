"""Lambda: requests, the memory and time of runs, and capacity kept ready."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from cygni.pricing.charges import Gap, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    begins,
    beyond,
    every,
    is_one_of,
    is_set,
    negated,
    over,
    text,
    through,
    times,
    units,
    use,
    whole,
)
from cygni.resources import UNKNOWN

FUNCTION: Final = "aws:lambda/function:Function"
_SERVICE: Final = "AWSLambda"
_SECONDS_PER_MONTH: Final = units(730 * 3600)

REQUESTS: Final = by_usage(
    "requests", _SERVICE, "requests", "request", "lambda_requests", allowance="lambda-requests"
)
_DURATION: Final = {
    arch: by_usage(
        f"duration, {arch}", _SERVICE, "duration", "GB-second", "lambda_requests",
        tiered=True, allowance="lambda-duration", arch=arch,
    )
    for arch in ("x86_64", "arm64")
}  # fmt: skip
_STORAGE: Final = by_usage(
    "ephemeral storage above 512 MB", _SERVICE, "ephemeral-storage", "GB-second", "lambda_requests",
    included="512 MB",
)  # fmt: skip
_SNAPSHOT: Final = fixed("SnapStart snapshots", _SERVICE, "snapstart-cache", "GB-second")
_PROVISIONED: Final = fixed("provisioned concurrency", _SERVICE, "provisioned-concurrency", "GB-second")


def _architecture(subject: Subject) -> str | Gap:
    """The one architecture of a function: x86 unless said otherwise."""
    return _architecture_of(subject.inputs)


def _architecture_of(given: Mapping[str, Any]) -> str | Gap:
    named = given.get("architectures")
    if named is None or named == []:
        return "x86_64"
    if named is UNKNOWN or not isinstance(named, list | tuple) or not isinstance(named[0], str):
        return Gap("architectures is known only after the deploy")
    return named[0]


# 128 MB where nothing is said (docs.aws.amazon.com/lambda, CreateFunction); 512 MB of storage are included
# (aws.amazon.com/lambda/pricing).
_GB: Final = over(whole("memorySize", 128), 1024)
_SECONDS: Final = times(use("lambda_requests"), over(use("lambda_ms"), 1000))
_ON_PUBLISH: Final = is_one_of(text("snapStart.applyOn", ""), "PublishedVersions")


def _in_function(reading: Reading[Decimal]) -> Reading[Decimal]:
    return through("functionName", FUNCTION, reading)


ESTIMATORS: Final = (
    priced(
        FUNCTION,
        parts=(
            REQUESTS,
            *(
                Part(
                    charge, times(_SECONDS, _GB), assumes=("lambda_ms",), when=is_one_of(_architecture, arch)
                )
                for arch, charge in _DURATION.items()
            ),
            Part(
                _STORAGE,
                times(_SECONDS, over(beyond(whole("ephemeralStorage.size", 512), units(512)), 1024)),
                assumes=("lambda_ms",),
                when=is_set("ephemeralStorage.size"),
            ),
            Part(
                _SNAPSHOT,
                times(_SECONDS_PER_MONTH, _GB),
                when=every(_ON_PUBLISH, negated(begins(text("runtime", ""), "java"))),
            ),
        ),
        notes=(
            "A run takes `lambda_ms`. Memory is 128 MB and the architecture x86_64 unless said otherwise.",
            "SnapStart is free for Java; for others its cache is billed.",
        ),
        not_counted=("restores by SnapStart",),
    ),
    priced(
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        parts=(
            Part(
                _PROVISIONED,
                times(whole("provisionedConcurrentExecutions"), _SECONDS_PER_MONTH, _in_function(_GB)),
                by={"arch": through("functionName", FUNCTION, _architecture)},
                note="kept ready all month; what runs on it costs less than it does with the function here",
            ),
        ),
        notes=("Kept ready all month. What runs on it costs less than it is counted with the function.",),
    ),
    priced(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        parts=(
            Part(
                fixed("event pollers", _SERVICE, "event-poller-unit", "hour"),
                whole("provisionedPollerConfig.minimumPollers", 1),
                when=is_set("provisionedPollerConfig"),
            ),
        ),
        otherwise="billed with its function",
        notes=("Free, unless pollers are provisioned: their least number is billed.",),
    ),
)
