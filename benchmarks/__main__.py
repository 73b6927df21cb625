"""`python -m benchmarks`: measures, prints a table, and what it was measured on."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import (
    balancer,
    control_plane,
    cost_documents,
    detection,
    jobs,
    measures,
    price_lists,
    releases,
    requesting,
    terraform,
    usage_events,
)
from benchmarks.measuring import CommandFailed, Commands
from benchmarks.places import Bare, Cygni, as_installed, closing
from benchmarks.projects import BIGGEST, project_of
from benchmarks.results import Row, table
from cygni.settings import Settings
from stacks.engine import find
from stacks.engine_places import Engine

NAMES = (
    "start", "preview", "deploy", "pricing", "parallel", "terraform", "balancer", "detection", "documents", "prices",
    "releases", "api", "usage", "jobs",
)  # fmt: skip
OF_NO_SIZE = {"start", "balancer", "detection", "documents", "prices", "releases", "api", "usage", "jobs"}
SIZES = (25, 250, 1000)
START_ROUNDS = 10
PARALLEL_LIMIT = 400
"""Resources of a project up to which two are deployed together; more take long and show nothing else."""


def main(arguments: Sequence[str]) -> int:
    """Exits with 1 if something could not be measured. A goal that is missed is told, and is no failure."""
    given = _parser().parse_args(arguments)
    # Ended politely, it still ends its local clouds and shows what it has.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun = time.monotonic()
    engine = find(Settings.from_environment(), lambda step: None)
    rows: list[Row] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="cygni-bench-") as folder:
        try:
            for found in _measured(given, engine, Path(folder)):
                rows += found
                _say(table(found))
        except CommandFailed as error:
            failed = True
            _say(f"could not be measured: {error}")
        except KeyboardInterrupt:
            failed = True
            _say("stopped before the end")
    print(_machine(engine))
    print(table(rows))
    _say(f"took {(time.monotonic() - begun) / 60:.1f} minutes")
    if given.json:
        document = {"machine": _machine(engine), "rows": [row.to_dict() for row in rows]}
        given.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


def _measured(given: argparse.Namespace, engine: Engine, folder: Path) -> Iterator[list[Row]]:
    if "start" in given.only:
        _say("starting")
        commands = Commands(folder, os.environ, 60.0)
        yield measures.start(commands, engine.path, START_ROUNDS)
    if "balancer" in given.only:
        lacking = balancer.missing()
        if lacking:
            _say(f"load balancer not measured: {lacking}")
        else:
            yield balancer.measured(folder / "balancer", Commands(folder, os.environ, 60.0), _say)
    if "detection" in given.only:
        yield detection.measured(folder / "detection", Commands(folder, os.environ, 60.0), _say)
    if "documents" in given.only:
        _say("cost of documents")
        yield cost_documents.measured(
            folder / "documents", Commands(folder, as_installed(folder), 60.0), _say
        )
    if "prices" in given.only:
        yield price_lists.measured(folder / "prices", _say)
    if "api" in given.only:
        lacking = requesting.missing()
        if lacking:
            _say(f"control plane not measured: {lacking}")
        else:
            yield from control_plane.measured(folder / "api", Commands(folder, os.environ, 60.0), _say)
    if "usage" in given.only:
        yield from usage_events.measured(folder / "usage", given.stored, _say)
    if "jobs" in given.only:
        yield from jobs.measured(folder / "jobs", _say)
    if "releases" in given.only:
        yield from _released(given, engine, folder / "releases")
    peer = terraform.find(os.environ) if "terraform" in given.only else ""
    if isinstance(peer, str) and peer:
        _say(f"not compared with Terraform: {peer}")
    if set(given.only) <= OF_NO_SIZE:
        return
    for wanted in given.sizes:
        yield from _at_size(given, engine, folder / str(wanted), wanted, peer)


def _released(given: argparse.Namespace, engine: Engine, folder: Path) -> Iterator[list[Row]]:
    lacking = requesting.missing()
    if lacking:
        _say(f"releases under load not measured: {lacking}")
    else:
        yield releases.measured(folder, engine, given.rounds or releases.ROUNDS, _say)


def _at_size(
    given: argparse.Namespace, engine: Engine, folder: Path, wanted: int, peer: terraform.Terraform | str
) -> Iterator[list[Row]]:
    project = project_of(wanted)
    timeout = 120.0 + project.resources * 1.0
    if "parallel" in given.only and wanted <= PARALLEL_LIMIT:
        one = Cygni(folder / "one", project, engine, 2 * timeout)
        other = Cygni(folder / "other", project, engine, 2 * timeout)
        with closing(one, other):
            yield measures.two_projects(one, other, given.rounds or usual_rounds(wanted), _say)
        if set(given.only) == {"parallel"}:
            return
    cygni = Cygni(folder / "cygni", project, engine, timeout)
    with closing(cygni):
        bare = Bare(folder / "bare", project, engine, timeout)
        with closing(bare):
            size = measures.Size(cygni, bare, given.rounds or usual_rounds(wanted), _say)
            if "preview" in given.only:
                yield measures.first_preview(size)
            yield measures.deploy_both(size)
            if "preview" in given.only:
                yield measures.changed_preview(size)
            if "deploy" in given.only:
                yield measures.unchanged(size)
            if "pricing" in given.only:
                yield measures.pricing(size)
        if isinstance(peer, terraform.Terraform):
            rounds = given.rounds or terraform_rounds(wanted, asked=given.sizes != SIZES)
            if rounds:
                yield measures.against_terraform(size, peer, os.environ, rounds)
            else:
                _say(f"not compared with Terraform, which takes long: ask for it with --sizes {wanted}")


def usual_rounds(resources: int) -> int:
    """Fewer where each takes long, so that everything takes some twenty minutes."""
    if resources <= 60:
        return 5
    return 2 if resources <= 400 else 1


def terraform_rounds(resources: int, *, asked: bool) -> int:
    """A life with Terraform takes minutes at 250 resources, a quarter of an hour at 1,000."""
    if resources <= 60:
        return 2
    return 1 if resources <= 400 or asked else 0


def _machine(engine: Engine) -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"engine {engine.version}; load {os.getloadavg()[0]:.1f}"
    )


def _say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="resources of each project (25,250,1000)")
    parser.add_argument(
        "--rounds", type=int, help="runs of each pair (5 at 25, 2 at 250, 1 at 1000); deploys under load (20)"
    )
    parser.add_argument("--only", type=_names, default=NAMES, help=f"some of {','.join(NAMES)}")
    parser.add_argument(
        "--stored",
        type=_millions,
        default=usage_events.STORED,
        metavar="MILLIONS",
        help="events of usage that are there before (0,1; 0,1,20 takes a quarter of an hour and 15 GB)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(one) for one in text.split(","))
    if not all(1 <= size <= BIGGEST for size in sizes):
        raise argparse.ArgumentTypeError(f"from 1 to {BIGGEST}")
    return sizes


def _millions(text: str) -> tuple[int, ...]:
    found = tuple(int(one) * 1_000_000 for one in text.split(","))
    if not all(0 <= one <= usage_events.MOST_STORED for one in found):
        raise argparse.ArgumentTypeError(f"from 0 to {usage_events.MOST_STORED // 1_000_000}")
    return found


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
