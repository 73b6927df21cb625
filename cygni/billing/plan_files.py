"""Plans as people write them: YAML, whose numbers are read as they are written.

key: team
name: Team
currency: EUR
terms:
  charges:
    - {kind: fee, key: base, name: Base fee, amount: 20}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cygni.errors import UsageError


def read_plan_file(file: Path) -> dict[str, Any]:
    """The plan as JSON has it; what it says is judged by the control plane. Raises UsageError for a file that cannot
    be read, or that holds no plan."""
    try:
        found = parsed(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not text in UTF-8") from error
    except ValueError as error:
        raise UsageError(f"{file} is no YAML: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("key"), str):
        raise UsageError(
            f"{file} holds no plan",
            hint="It begins with `key`, `name`, `currency` and `terms`: see billing.md.",
        )
    return found


def parsed(text: str) -> Any:
    """Raises ValueError with the place. Numbers with a point are text: a price of 0.1 is no fraction of two."""
    import yaml  # it takes time, and only commands about plans read such files

    class Exact(yaml.SafeLoader):
        pass

    def as_written(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
        return str(loader.construct_scalar(node))

    for tag in ("float", "timestamp"):
        Exact.add_constructor(f"tag:yaml.org,2002:{tag}", as_written)
    try:
        return yaml.load(text, Exact)  # noqa: S506  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"{error.problem}{place}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
