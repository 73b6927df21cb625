"""`make mutants`: breaks each guard in a copy of the repository, runs the tests that have to notice, and counts."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parent.parent
GOAL = 0.95
_FAILED = 1
"""What pytest ends with where tests failed; other numbers say that they were not run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the share that was noticed reaches the goal."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name this regular expression finds")
    only = parser.parse_args(arguments).only
    chosen = [one for one in MUTANTS if re.search(only, one.name)]
    with tempfile.TemporaryDirectory(prefix="cygni-mutants-") as folder:
        copy = _copied(Path(folder))
        wanted = sorted({one for mutant in chosen for one in mutant.tests if one.startswith("tests/")})
        if _tested(copy, wanted) != 0:
            print("the tests fail with nothing broken, so nothing can be said", file=sys.stderr)
            return 2
        caught = [_is_noticed(copy, one) for one in chosen]
    share = sum(caught) / len(caught)
    print(f"{sum(caught)} of {len(caught)} were noticed: {share:.0%}; the goal is {GOAL:.0%}")
    return 0 if share >= GOAL else 1


def _is_noticed(copy: Path, mutant: Mutant) -> bool:
    path = copy / mutant.path
    good = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied(good), encoding="utf-8")
    try:
        code = _tested(copy, mutant.tests)
    finally:
        path.write_text(good, encoding="utf-8")
    print(f"{'noticed' if code == _FAILED else f'NOT NOTICED ({code})'}: {mutant.name}", flush=True)
    return code == _FAILED


def _copied(folder: Path) -> Path:
    """What git knows of the repository or would, as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder


def _tested(copy: Path, tests: Sequence[str]) -> int:
    """What pytest ends with. It stops at the first failure; the copy's packages go before the installed ones."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=environ, check=False, capture_output=True, text=True)
    if done.returncode not in {0, _FAILED}:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
