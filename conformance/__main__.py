"""`python -m conformance`: asks AWS's official Terraform provider to judge what Cygni's provider does.

Every resource of every component, in each size of environment, is made by Cygni on one local cloud and by
Terraform on another. Then what stands in the two is compared field by field, and a change of the project is
planned by both, which must replace the same resources. Ends with 1 if something differs without a known reason;
says so and ends with 0 where this machine has no Terraform with the provider.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.terraform import find
from conformance.comparison import Comparison, Outcome
from conformance.known_differences import NEWER_PROPERTIES, PENDING, READ, unexplained
from conformance.projects import CHANGED, WHOLE, spec

ENVIRONMENTS = ("preview-check", "staging", "production")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if both agree, or there is nobody to ask; 1 if they do not."""
    parser = argparse.ArgumentParser(
        prog="python -m conformance", description="Compare with AWS's official Terraform provider."
    )
    parser.add_argument(
        "--environments",
        nargs="+",
        default=ENVIRONMENTS,
        metavar="NAME",
        help="environments, which decide the sizes (default: %(default)s)",
    )
    asked = parser.parse_args(arguments)
    found = find(os.environ)
    if isinstance(found, str):
        print(f"Skipped: {found}.")
        return 0
    print(f"Terraform's AWS provider {found.provider_version} judges.", flush=True)
    failed = False
    for environment in asked.environments:
        with tempfile.TemporaryDirectory(prefix="cygni-conformance-") as folder:
            comparison = Comparison(found, Path(folder), os.environ, _tell)
            outcome = comparison.run(spec(WHOLE, environment), spec(CHANGED, environment))
        print("\n".join(report(outcome)), flush=True)
        failed |= not agrees(outcome)
    return 1 if failed else 0


def agrees(outcome: Outcome) -> bool:
    """Whether everything that differs is known."""
    pending = outcome.pending - PENDING.keys()
    return not (unexplained(outcome.differences) or outcome.disagreements or pending)


def report(outcome: Outcome) -> list[str]:
    """What to print of one comparison."""
    known = {f"{one.type}.{one.property}" for one in outcome.differences} & READ.keys()
    lines = [f"{outcome.environment}: {outcome.resources} resources made by both, {_verdict(outcome)}"]
    lines += _listed("differs", (str(one) for one in unexplained(outcome.differences)))
    lines += _listed("replaced by one alone", sorted(outcome.disagreements))
    lines += _listed("Terraform would change again", sorted(outcome.pending - PENDING.keys()))
    lines += _listed("known", (f"{name}: {READ[name]}" for name in sorted(known)))
    lines += _listed(
        "known", (f"{name}: {PENDING[name]}" for name in sorted(outcome.pending & PENDING.keys()))
    )
    lines += _listed("left out, too new for this provider", sorted(outcome.left_out & NEWER_PROPERTIES))
    return lines


def _verdict(outcome: Outcome) -> str:
    return "no unexplained difference" if agrees(outcome) else "and they differ"


def _listed(what: str, found: Iterable[str]) -> list[str]:
    return [f"  {what}: {one}" for one in found]


def _tell(what: str) -> None:
    print(f"  {what} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
