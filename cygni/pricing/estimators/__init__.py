"""The estimators, by Pulumi type token. A new type: a file (or a few lines in one), and `make docs`.

A module is loaded when a resource of a type in it is priced, as the list beside this file says: all of them together
take longer than pricing a small stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from cygni.pricing.charges import Estimator
from cygni.pricing.estimators import free

FREE_TYPES: Final[Mapping[str, str]] = free.TYPES
_LIST: Final = "priced_types.txt"


@cache
def priced_types() -> Mapping[str, str]:
    """The type tokens that have an estimator, and the module of each."""
    return free.listed(_LIST)


@cache
def estimator_of(token: str) -> Estimator | None:
    """The estimator of a type; None where it is free, or nobody prices it."""
    module = priced_types().get(token)
    if module is None:
        return None
    return next(each for each in _estimators_in(module) if token in each.types)


@cache
def all_estimators() -> tuple[Estimator, ...]:
    """Every estimator there is."""
    return tuple(each for module in _modules() for each in _estimators_in(module))


def published() -> str:
    """The list of priced types as a file, from the estimators themselves."""
    return "".join(f"# {module}\n{_types_in(module)}" for module in _modules() if _estimators_in(module))


def _modules() -> list[str]:
    return sorted(each.name for each in iter_modules(__path__))


def _estimators_in(module: str) -> tuple[Estimator, ...]:
    """Those of a module; none where it only has what others are made of."""
    loaded: Any = import_module(f"{__name__}.{module}")
    return getattr(loaded, "ESTIMATORS", ())


def _types_in(module: str) -> str:
    """`ec2 Instance LaunchTemplate`, a line for each module of the provider."""
    found: dict[str, list[str]] = {}
    for token in sorted(token for each in _estimators_in(module) for token in each.types):
        _, place, name = token.split(":")
        found.setdefault(place.partition("/")[0], []).append(name)
    return "".join(f"{place} {' '.join(names)}\n" for place, names in found.items())
