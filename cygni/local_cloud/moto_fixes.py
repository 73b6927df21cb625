"""Where moto 5.2 differs from AWS in a way that the stacks meet, put right in this process. Each with its reason."""

from __future__ import annotations

import functools


def apply() -> None:
    """Put every fix in place; calling it again changes nothing."""
    _remember_method_names()


def _remember_method_names() -> None:
    """moto inspects the whole class of a service at each call (about 2 ms for EC2); a class does not change."""
    from moto.core import responses

    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = functools.cache(responses.method_names_from_class)
