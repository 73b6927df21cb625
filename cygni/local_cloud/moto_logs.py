"""Where moto's CloudWatch Logs differs from AWS in a way that Cygni meets; applied by moto_fixes.py."""

from __future__ import annotations

import functools
import inspect
from typing import Any


def fix() -> None:
    """moto tells the events of one stream after those of another. AWS orders them by time, whatever `interleaved` says:
    "If you provide a value, the value is ignored. All FilterLogEvents requests now return interleaved results."
    """
    from moto.logs.models import LogGroup

    filter_events = LogGroup.filter_log_events
    signature = inspect.signature(filter_events)

    @functools.wraps(filter_events)
    def filter_log_events(*args: Any, **named: Any) -> Any:
        given = signature.bind(*args, **named)
        given.arguments["interleaved"] = True
        return filter_events(*given.args, **given.kwargs)

    LogGroup.filter_log_events = filter_log_events
