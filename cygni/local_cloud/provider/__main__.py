"""`python -m cygni.local_cloud.provider`: serve the provider to the engine that started this process."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def _without_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported without the SDK around it.

    Its packages' __init__ modules import all of the SDK (0.45 s of every start); here only the generated
    protocol classes are needed, so the packages are entered as bare folders.
    """
    spec = find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations or "pulumi" in sys.modules:
        return
    folder = Path(spec.submodule_search_locations[0])
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        package = ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def main() -> None:
    _without_sdk()
    from cygni.local_cloud.provider import server

    server.serve()


if __name__ == "__main__":
    main()
