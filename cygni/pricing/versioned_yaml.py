"""The small files that an account writes about its prices: YAML that says its version."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cygni.errors import UsageError


def versioned_mapping(
    text: str, version: int, keys: Collection[str], wrong: Callable[[str], UsageError]
) -> dict[Any, Any]:
    """What is in `text`, which says its version and has no other keys than these. Raises what `wrong` makes of why it
    is none."""
    import yaml  # it takes time, and few have such files

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise wrong(f"is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict) or data.get("version") != version:
        raise wrong(f"does not say version: {version}")
    for key in data:
        if key not in keys:
            raise wrong(f"has {key!r}, which is no key of it")
    return data
