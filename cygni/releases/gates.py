"""Whether a new release behaves, by what the load balancer counted of it and of the old one (pure).

Each rule weighs two kinds of evidence, both of which may be looked at any number of times (see `evidence`):

- that it is worse than allowed. At odds of 1 to 10,000 (`FALSE_ALARM`) it fails. A release whose true rate keeps to the
  limit is failed by one rule in one step with a chance of at most 0.0001, whatever the traffic and however long it
  takes; with two rules and four steps of a canary, in at most 8 of 10,000 deploys.
- that it is not much worse: by `ERROR_MARGIN` more than allowed, or with twice the slow requests. At odds of 1 to 1,000
  (`FALSE_PASS`) it passes. Until either is clear it waits: a canary stays at its weight.

When `patience` ends first, it passes, unless what was counted speaks against it at odds of 1 to 20 (`SUSPICION`): then
it waits up to three times as long, and fails if that has come to odds of 1 to 100 (`DOUBT`) by then.

Trouble comes in bursts too, which these odds do not know. So what speaks against a release must still suffice without
the worst of the periods it was counted in (the worst two of four and more), unless most requests of a period fail; for
a suspicion it is enough that it does not speak for the release then.

**Error rate**: errors are counted among requests. The limit is a constant, or what the old colour's rate is at most
(but for a chance of 0.0001), plus the tolerance.

**Latency**: a request is slow if it takes longer than `factor` times the old colour's 95th percentile (and more than
`SLACK` longer), or than a constant. 5 percent of the requests may be. How many are is read from the percentiles that
are known: if the 90th is above the limit, at least 10 percent are.

The old colour is judged in the same periods, so that what troubles both fails neither; where it has too little traffic
in them, in the ten minutes before the new one took any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain

from cygni.releases.evidence import above, at_most, below
from cygni.releases.observed import QUANTILES, Period
from cygni.releases.settings import GateSettings, TooFew

FALSE_ALARM = 1e-4
FALSE_PASS = 1e-3
DOUBT = 1e-2
SUSPICION = 5e-2
ERROR_MARGIN = 0.015
SLACK = 0.010
"""Seconds: less is no difference between two latencies."""
SLOW_SHARE = 0.05
BASELINE = 600.0
"""Seconds before the new colour took traffic, from which the old one is known."""
_UNKNOWN_RATE = 0.25
"""The most that an old colour with too few requests is taken to fail."""
_ENOUGH_FOR_P95 = 20
_MANY_PERIODS = 4
_LATE = 3.0
"""How many times longer than usual counts may be missing where there were requests before, and a doubt may last."""
_OUTAGE = 0.5
_NEEDED_TO_FAIL = math.log(1 / FALSE_ALARM)
_NEEDED_TO_PASS = math.log(1 / FALSE_PASS)
_NEEDED_TO_DOUBT = math.log(1 / DOUBT)
_NEEDED_TO_SUSPECT = math.log(1 / SUSPICION)


class State(StrEnum):
    PASS = "pass"
    WAIT = "wait"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Reading:
    """One rule: the `value` it found and its `limit` (None: not known yet), both in `unit`: percent, seconds or
    requests. One that waits may be `suspect`, which is worth a longer look, or `doubtful`, which is more."""

    gate: str
    state: State
    unit: str
    value: float | None
    limit: float | None
    requests: int = 0
    suspect: bool = False
    doubtful: bool = False

    @property
    def text(self) -> str:
        """In words: `error rate 3.1 % of 1,204 requests (limit 0.7 %)`."""
        limit = f" (limit {_shown(self.limit, self.unit)})" if self.limit is not None else ""
        if self.value is None:
            return f"{self.gate}: no requests yet{limit}"
        of = f" of {self.requests:,} requests" if self.unit != "requests" else ""
        return f"{self.gate} {_shown(self.value, self.unit)}{of}{limit}"


def _shown(value: float, unit: str) -> str:
    match unit:
        case "percent":
            return f"{value:.0f} %" if value >= 10 else f"{value:.2g} %"
        case "seconds":
            return f"{value * 1000:.0f} ms" if value < 10 else f"{value:.1f} s"
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all rules say together. `given_up` says that it passes for want of requests, not for what they showed."""

    state: State
    readings: tuple[Reading, ...] = ()
    given_up: bool = False

    @property
    def failed(self) -> tuple[Reading, ...]:
        return tuple(one for one in self.readings if one.state is State.FAIL)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was counted since the step began of the `new` colour and of the `old` one, and of the old one `before` the
    new one took traffic; oldest first."""

    new: Sequence[Period]
    old: Sequence[Period] = ()
    before: Sequence[Period] = ()


def verdict(settings: GateSettings, traffic: Traffic, waited: float, visible_after: float) -> Verdict:
    """What the rules say `waited` seconds after the step began. `visible_after` is when a whole period of it has been
    read for sure, in the same seconds: before, having none means nothing."""
    readings = tuple(_readings(settings, traffic))
    if any(one.state is State.FAIL for one in readings):
        return Verdict(State.FAIL, readings)
    if all(one.state is State.PASS for one in readings):
        return Verdict(State.PASS, readings)
    if waited < visible_after or _may_be_enough(settings, traffic.new, waited, waited - visible_after):
        return Verdict(State.WAIT, readings)
    if not _requests(traffic.new) and waited < _LATE * visible_after and _had_enough(settings, traffic):
        return Verdict(State.WAIT, readings)
    if any(one.suspect for one in readings) and waited < _LATE * settings.patience:
        return Verdict(State.WAIT, readings)
    if any(one.doubtful for one in readings):
        against = (replace(one, state=State.FAIL) if one.doubtful else one for one in readings)
        return Verdict(State.FAIL, tuple(against))
    if settings.too_few is TooFew.FAIL:
        wanting = (one if one.state is State.PASS else replace(one, state=State.FAIL) for one in readings)
        return Verdict(State.FAIL, tuple(wanting))
    return Verdict(State.PASS, readings, given_up=True)


def watches(settings: GateSettings) -> bool:
    """Whether any rule looks at what is counted."""
    rules = (
        settings.max_error_percent,
        settings.error_tolerance,
        settings.max_latency,
        settings.latency_factor,
    )
    return any(rule is not None for rule in rules)


def _readings(settings: GateSettings, traffic: Traffic) -> list[Reading]:
    found = []
    if settings.max_error_percent is not None:
        found.append(_errors("error rate", traffic.new, settings.max_error_percent / 100))
    if settings.error_tolerance is not None:
        rate = _old_error_rate(traffic) + settings.error_tolerance / 100
        found.append(_errors("error rate against the old colour", traffic.new, rate))
    if settings.max_latency is not None:
        limit = settings.max_latency
        found.append(_latency("p95 latency", traffic.new, lambda period: limit))
    if settings.latency_factor is not None and (limits := _old_latency(settings.latency_factor, traffic)):
        found.append(_latency("p95 latency against the old colour", traffic.new, limits))
    requests = _requests(traffic.new)
    enough = State.PASS if requests >= settings.min_requests else State.WAIT
    if found and enough is State.WAIT:
        found = [one if one.state is State.FAIL else replace(one, state=State.WAIT) for one in found]
    if found:
        found.append(Reading("requests", enough, "requests", float(requests), float(settings.min_requests)))
    return found


def _may_be_enough(settings: GateSettings, new: Sequence[Period], waited: float, watched: float) -> bool:
    """Whether what was seen, in `watched` seconds at least, leaves hope for enough requests before patience ends."""
    if waited >= settings.patience:
        return False
    requests = _requests(new)
    if requests >= settings.min_requests:
        return True
    seconds = max(sum(period.seconds for period in new), watched)
    return bool(requests) and requests / seconds * settings.patience >= settings.min_requests


def _had_enough(settings: GateSettings, traffic: Traffic) -> bool:
    """Whether the old colour had so many requests that none of the new one says that they are counted late."""
    rate = _requests([*traffic.before, *traffic.old]) / BASELINE
    return rate * settings.patience >= settings.min_requests


def _errors(gate: str, new: Sequence[Period], limit: float) -> Reading:
    counted = [(period.errors, period.requests) for period in new]
    errors, requests = sum(one for one, _ in counted), _requests(new)
    state = _weighed(counted, limit, limit + ERROR_MARGIN, _is_outage)
    value = 100 * errors / requests if requests else None
    reading = Reading(gate, state, "percent", value, 100 * limit, requests)
    return _weighed_again(reading, counted, limit)


def _is_outage(counted: tuple[int, int]) -> bool:
    errors, requests = counted
    return requests >= _ENOUGH_FOR_P95 and errors >= _OUTAGE * requests


def _old_error_rate(traffic: Traffic) -> float:
    """What the old colour's error rate is at most."""
    old = traffic.old
    if 2 * _requests(old) < _requests(traffic.new) or not _requests(old):
        old = [*traffic.before, *traffic.old]
    errors, requests = sum(period.errors for period in old), _requests(old)
    seen = errors / requests if requests else 0.0
    return min(at_most(errors, requests, FALSE_ALARM), max(_UNKNOWN_RATE, seen))


def _latency(gate: str, new: Sequence[Period], limit_of: Callable[[Period], float]) -> Reading:
    measured = [period for period in new if period.latency and period.requests]
    limits = [limit_of(period) for period in measured]
    spans = [_slow(period, limit) for period, limit in zip(measured, limits, strict=True)]
    requests = _requests(measured)
    least = [(low, period.requests) for (low, _), period in zip(spans, measured, strict=True)]
    most = sum(high for _, high in spans)
    state = _weighed(least, SLOW_SHARE, 2 * SLOW_SHARE, most=most)
    sizes = [period.requests for period in measured]
    value = _mean([period.latency.get(0.95) for period in measured], sizes)
    reading = Reading(gate, state, "seconds", value, _mean(limits, sizes), requests)
    return _weighed_again(reading, least, SLOW_SHARE)


def _mean(values: Sequence[float | None], weights: Sequence[int]) -> float | None:
    known = [(value, weight) for value, weight in zip(values, weights, strict=True) if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def _slow(period: Period, limit: float) -> tuple[int, int]:
    """How many requests of the period took longer than `limit`, at least and at most, by its percentiles."""
    over = [q for q in QUANTILES if period.latency.get(q, 0.0) > limit]
    within = [q for q in QUANTILES if q in period.latency and period.latency[q] <= limit]
    least = 1 - min(over) if over else 0.0
    most = 1 - max(within) if within else 1.0
    return math.floor(least * period.requests + 1e-9), math.ceil(most * period.requests - 1e-9)


def _old_latency(factor: float, traffic: Traffic) -> Callable[[Period], float] | None:
    """The limit by period; None where the old colour has never had enough requests to tell."""
    known = {period.start: _p95(period) for period in traffic.old}
    all_known = sorted(
        value for period in chain(traffic.before, traffic.old) if (value := _p95(period)) is not None
    )
    if not all_known:
        return None
    usual = all_known[len(all_known) // 2]

    def limit_of(period: Period) -> float:
        same = known.get(period.start)
        base = usual if same is None else same
        return max(factor * base, base + SLACK)

    return limit_of


def _p95(period: Period) -> float | None:
    return period.latency.get(0.95) if period.requests >= _ENOUGH_FOR_P95 else None


def _weighed(
    counted: Sequence[tuple[int, int]],
    limit: float,
    unacceptable: float,
    at_once: Callable[[tuple[int, int]], bool] = lambda one: False,
    most: int | None = None,
) -> State:
    """`counted` are the bad and all requests of each period, `most` the bad ones at most where that is not the same."""
    if _speaks_against(counted, limit) and (
        _speaks_against(_without_the_worst(counted, limit), limit)
        or any(at_once(one) and _speaks_against([one], limit) for one in counted)
    ):
        return State.FAIL
    bad, requests = _sums(counted)
    if below(bad if most is None else most, requests, unacceptable) >= _NEEDED_TO_PASS:
        return State.PASS
    return State.WAIT


def _weighed_again(reading: Reading, counted: Sequence[tuple[int, int]], limit: float) -> Reading:
    """One that waits, and how much speaks against it, though less clearly than for a failure."""
    if reading.state is not State.WAIT:
        return reading
    rest = _without_the_worst(counted, limit)

    def against(whole: float, without_the_worst: float) -> bool:
        return _speaks_against(counted, limit, whole) and _speaks_against(rest, limit, without_the_worst)

    return replace(
        reading,
        suspect=against(_NEEDED_TO_SUSPECT, 0.0),
        doubtful=against(_NEEDED_TO_DOUBT, _NEEDED_TO_DOUBT),
    )


def _speaks_against(
    counted: Sequence[tuple[int, int]], limit: float, needed: float = _NEEDED_TO_FAIL
) -> bool:
    return above(*_sums(counted), limit) >= needed


def _without_the_worst(counted: Sequence[tuple[int, int]], limit: float) -> list[tuple[int, int]]:
    by_excess = sorted(counted, key=lambda one: one[0] - limit * one[1])
    return by_excess[: -1 if len(counted) < _MANY_PERIODS else -2]


def _sums(counted: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(bad for bad, _ in counted), sum(requests for _, requests in counted)


def _requests(periods: Sequence[Period]) -> int:
    return sum(period.requests for period in periods)
