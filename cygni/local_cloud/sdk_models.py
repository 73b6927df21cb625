"""botocore's descriptions of AWS services, read once in a process."""

from __future__ import annotations

import functools
from typing import Any

_FILES = 200
"""More than a process reads: four or five a service, and few for all."""


def remember() -> None:
    """Every botocore session parses its files anew, and moto makes one for each list of regions: half a second for
    EC2's model and a quarter for the endpoints, each time. Nothing changes what is parsed; sessions share it within
    themselves already. Calling this again changes nothing."""
    from botocore.loaders import JSONFileLoader

    if not hasattr(JSONFileLoader.load_file, "of_process"):
        parsed = functools.lru_cache(_FILES)(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))

        def load_file(loader: Any, file_path: str) -> Any:
            return parsed(file_path)

        load_file.of_process = True  # type: ignore[attr-defined]
        JSONFileLoader.load_file = load_file
