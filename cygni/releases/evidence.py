"""How surely a rate is above or below a limit, however often one looks (pure).

The number that decides is a betting martingale (an e-process): the likelihood of what was counted under some rates
beyond the limit, averaged, over its likelihood at the limit. As long as the true rate keeps to the limit its
expectation is at most 1 at every moment, so by Ville's inequality the chance that it *ever* reaches 1/a is at most a:
one may look after every request and stop at will (G. Shafer, "Testing by betting", JRSS A 184, 2021; A. Ramdas et al.,
"Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38, 2023). Requests are taken as
independent; `gates` adds what it needs where they are not.
"""

from __future__ import annotations

import functools
import math

_STEPS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""How much further from the limit the rates are that are bet on, in odds.

At odds `step` times those of the limit `rate`, the likelihood of each trial is 1 / (1 + rate * (step - 1)) times that
at the limit, and of one that counts also `step` times. The steps go with their logarithms."""
_ABOVE = tuple((step, math.log(step)) for step in _STEPS)
_BELOW = tuple((1 / step, -math.log(step)) for step in _STEPS)
_LEAST, _MOST = 1e-6, 1 - 1e-6
_HALVINGS = 40
_REMEMBERED = 1000
"""Answers of `at_most`, which takes hundreds of logarithms, kept: a gate asks again and again until more is counted."""


def above(count: int, trials: int, rate: float) -> float:
    """The logarithm of the evidence that more than `rate` of the trials count, `count` of `trials` having done so."""
    return _evidence(count, trials, rate, _ABOVE)


def below(count: int, trials: int, rate: float) -> float:
    """As `above`, that less than `rate` do."""
    return _evidence(count, trials, rate, _BELOW)


@functools.lru_cache(_REMEMBERED)
def at_most(count: int, trials: int, risk: float) -> float:
    """A rate that the true one is below, but for a chance of `risk`, whenever one looks. 1 where nothing is known."""
    needed = math.log(1 / risk)
    low, high = count / trials if trials else 0.0, 1.0
    if below(count, trials, high) < needed:
        return 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if below(count, trials, middle) >= needed:
            high = middle
        else:
            low = middle
    return high


def _evidence(count: int, trials: int, rate: float, steps: tuple[tuple[float, float], ...]) -> float:
    rate = min(max(rate, _LEAST), _MOST)
    bets = [count * log_step - trials * math.log1p(rate * (step - 1)) for step, log_step in steps]
    best = max(bets)
    return best + math.log(sum([math.exp(bet - best) for bet in bets]) / len(bets))
