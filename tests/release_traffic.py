"""Requests as a load balancer would count them: at random, in bursts, repeatable by a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

from cygni.releases.observed import QUANTILES, Period

_NORMAL = NormalDist()
_FEW = 30


@dataclass(frozen=True)
class Behaviour:
    """How a version answers: the share of errors, and the median latency in seconds."""

    errors: float = 0.001
    latency: float = 0.02
    spread: float = 0.5
    """Of the latencies' logarithm: 0.5 makes a p95 of 2.3 times the median, 1 of 5.2 times."""


@dataclass
class Noise:
    """What is wrong with both colours at times, and with one of them now and then.

    A shared factor moves errors and latency of a period for all. Besides each colour has its own, and in one period of
    50 a hiccup: three times slower, ten times the errors.
    """

    seed: int
    shared: float = 0.3
    own: float = 0.1
    hiccups: float = 0.02
    samples: int = 150
    """Of how many latencies the percentiles of a period are, at most."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def shared_factors(self) -> tuple[float, float]:
        return self._random.gammavariate(2, 0.5), self._random.lognormvariate(0, self.shared)

    def period(
        self,
        start: datetime,
        seconds: float,
        requests: float,
        behaviour: Behaviour,
        shared: tuple[float, float] = (1.0, 1.0),
    ) -> Period:
        """One period of one colour that gets `requests` on average."""
        draw = self._random
        count = max(0, round(draw.gauss(requests, requests**0.5)))
        slower, worse = draw.lognormvariate(0, self.own), draw.gammavariate(4, 0.25)
        if draw.random() < self.hiccups:
            slower, worse = slower * 3, worse * 10
        rate = min(1.0, behaviour.errors * shared[0] * worse) if behaviour.errors < 0.01 else behaviour.errors
        errors = self._successes(count, rate)
        median = behaviour.latency * shared[1] * slower
        return Period(start, seconds, count, errors, self._latency(count, median, behaviour.spread))

    def _latency(self, count: int, median: float, spread: float) -> dict[float, float]:
        """Percentiles of that many latencies. Of few, those that were drawn; of more, as they are spread around the true
        ones (sample quantiles are asymptotically normal), which takes five draws instead of hundreds."""
        draw, drawn = self._random, min(count, self.samples)
        if drawn <= _FEW:
            found = sorted(median * draw.lognormvariate(0, spread) for _ in range(drawn))
            return {q: found[min(drawn - 1, int(q * drawn))] for q in QUANTILES} if found else {}
        logarithms = (
            _NORMAL.inv_cdf(q) + draw.gauss(0, (q * (1 - q) / drawn) ** 0.5 / _NORMAL.pdf(_NORMAL.inv_cdf(q)))
            for q in QUANTILES
        )
        return {
            q: median * math.exp(spread * one) for q, one in zip(QUANTILES, sorted(logarithms), strict=True)
        }

    def _successes(self, count: int, rate: float) -> int:
        """How many of `count` trials come out, by the gaps between them."""
        if rate <= 0 or rate >= 1:
            return count if rate >= 1 else 0
        found, at = -1, 0
        while at <= count:
            found += 1
            at += 1 + int(math.log(1 - self._random.random()) / math.log(1 - rate))
        return found

    def periods(
        self, start: datetime, count: int, seconds: float, colours: Sequence[tuple[float, Behaviour]]
    ) -> list[list[Period]]:
        """`count` periods of each colour, given as requests per second and behaviour."""
        found: list[list[Period]] = [[] for _ in colours]
        for index in range(count):
            shared = self.shared_factors()
            at = start + timedelta(seconds=index * seconds)
            for own, (rate, behaviour) in zip(found, colours, strict=True):
                own.append(self.period(at, seconds, rate * seconds, behaviour, shared))
        return found
