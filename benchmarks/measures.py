"""What is measured at one size. Each function returns rows for the table."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import terraform, terraform_json
from benchmarks.measuring import CommandFailed, Commands, in_turn, ratio
from benchmarks.memory import peaks_of
from benchmarks.places import CX, REGION, Bare, Cygni
from benchmarks.results import Row, compared
from cygni.naming import Part
from cygni.pricing import PriceBook, cost_diff, estimate
from stacks.records import RecordStore

DIFF_GOAL = 1.10
UNCHANGED_GOAL = 0.5
REFRESH_GOAL = 1.15
TERRAFORM_GOAL = 0.5
TOGETHER_GOAL = 0.67  # two projects, 1.5 times as fast together as one after the other
HELP_GOAL_PYTHON = 6.0
HELP_GOAL_PULUMI = 1.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """Two deployments of one project, and how often each pair of commands is run."""

    cygni: Cygni
    bare: Bare
    rounds: int
    say: Say

    @property
    def resources(self) -> int:
        return self.cygni.project.resources

    def told(self, what: str) -> None:
        self.say(f"{self.resources:,} resources: {what}")


def start(commands: Commands, pulumi: Path, rounds: int) -> list[Row]:
    """`cx --help` against an empty Python program and against the engine's `version`."""
    seconds = in_turn(
        rounds,
        {
            "help": lambda: commands.run(CX, "--help"),
            "python": lambda: commands.run(sys.executable, "-c", "pass"),
            "pulumi": lambda: commands.run(pulumi, "version"),
        },
    )
    python, engine = ratio(seconds["help"], seconds["python"]), ratio(seconds["help"], seconds["pulumi"])
    return [
        compared("cx --help : python -c pass", None, python, HELP_GOAL_PYTHON),
        compared("cx --help : pulumi version", None, engine, HELP_GOAL_PULUMI, below=True),
    ]


def two_projects(one: Cygni, other: Cygni, rounds: int, say: Say) -> list[Row]:
    """The first deploys of two projects of one size, together and one after the other."""
    resources = one.project.resources
    say(f"{resources:,} resources: two projects")

    def from_nothing(deploy: Callable[[], None]) -> float:
        for place in (one, other):
            place.forget()
        begun = time.perf_counter()
        deploy()
        seconds = time.perf_counter() - begun
        for place in (one, other):
            place.destroy()
        return seconds

    def together() -> None:
        with ThreadPoolExecutor() as threads:
            for deployed in [threads.submit(place.deploy) for place in (one, other)]:
                deployed.result()

    def in_a_row() -> None:
        one.deploy()
        other.deploy()

    from_nothing(in_a_row)  # the first ever deploy of a place loads what later ones find loaded
    seconds = in_turn(
        rounds, {"together": lambda: from_nothing(together), "in a row": lambda: from_nothing(in_a_row)}
    )
    found = ratio(seconds["together"], seconds["in a row"])
    return [compared("two first cx deploy : one after the other", resources, found, TOGETHER_GOAL)]


def first_preview(size: Size) -> list[Row]:
    """Nothing is deployed: everything is to be created."""
    size.told("first preview")

    def cygni() -> float:
        size.cygni.forget()
        return size.cygni.diff()

    def bare() -> float:
        size.bare.forget()
        return size.bare.run("first-preview")

    seconds = in_turn(size.rounds, {"cygni": cygni, "bare": bare})
    found = ratio(seconds["cygni"], seconds["bare"])
    return [compared("first cx diff : bare preview", size.resources, found, DIFF_GOAL)]


def deploy_both(size: Size) -> list[Row]:
    """Deploys both for what follows; the most memory that `cx` and its children held meanwhile."""
    size.told("deploy, watching memory")
    peaks = peaks_of(size.cygni.commands, CX, "deploy", "--yes")
    size.bare.run("up")
    mib = {name: f"{value / 2**20:.0f} MiB" for name, value in peaks.items()}
    others = ("operation", "engine", "provider")
    rows = [Row("memory of cx in a deploy", size.resources, mib["cx"])]
    return rows + [Row(f"memory of its {name}", size.resources, mib.get(name, "")) for name in others]


def changed_preview(size: Size) -> list[Row]:
    """One worker got more memory since it was deployed."""
    size.told("preview of a change")
    for place in (size.cygni, size.bare):
        place.write_spec(memory=1024)
    seconds = in_turn(size.rounds, {"cygni": size.cygni.diff, "bare": lambda: size.bare.run("preview")})
    for place in (size.cygni, size.bare):
        place.write_spec()
    found = ratio(seconds["cygni"], seconds["bare"])
    return [compared("changed cx diff : bare preview", size.resources, found, DIFF_GOAL)]


def unchanged(size: Size) -> list[Row]:
    """A deploy with nothing to do, with and without looking at the world again."""
    size.told("deploy without a change")
    seconds = in_turn(
        size.rounds,
        {
            "deploy": size.cygni.deploy,
            "up": lambda: size.bare.run("up"),
            "deploy-refresh": lambda: size.cygni.deploy("--refresh"),
            "up-refresh": lambda: size.bare.run("up-refresh"),
        },
    )

    def row(name: str, a: str, b: str, goal: float | None) -> Row:
        return compared(name, size.resources, ratio(seconds[a], seconds[b]), goal)

    return [
        row("no-op cx deploy : bare up", "deploy", "up", UNCHANGED_GOAL),
        row("cx deploy --refresh : bare up --refresh", "deploy-refresh", "up-refresh", REFRESH_GOAL),
        row("cx deploy --refresh : bare up", "deploy-refresh", "up", None),
    ]


def pricing(size: Size) -> list[Row]:
    """Estimating all deployed resources twice, as before and after, and comparing."""
    records = RecordStore(size.cygni.records())
    found = [record for part in Part if (record := records.read(part)) is not None]
    resources = [resource for record in found for resource in record.resources]
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        book = PriceBook.load()
        cost_diff(estimate(resources, book), estimate(resources, book))
        times.append((time.perf_counter() - begun) * 1000)
    median, first = statistics.median(times), times[0]
    return [
        Row(
            f"pricing {len(resources):,} resources",
            size.resources,
            f"{median:.1f} ms",
            f"first {first:.0f} ms",
        )
    ]


def against_terraform(
    size: Size, found: terraform.Terraform, environ: Mapping[str, str], rounds: int
) -> list[Row]:
    """The same resources, one after the other, on the same local cloud. Leaves it empty.

    Cygni deploys first; what it left in its state is what Terraform is given.
    """
    project = terraform.Project(found, size.cygni.folder / "terraform", environ, size.cygni.commands.timeout)
    terraform.write_project(project.folder, found, size.cygni.endpoint, REGION, {})
    project.init()
    schema = terraform_json.schema_of(project.schema())
    resources = terraform_json.configuration(size.cygni.state(), schema).resources
    declared = terraform_json.count(resources)
    if declared != size.resources:
        raise CommandFailed(f"Terraform was given {declared} resources, Cygni has {size.resources}")
    size.told(f"beside Terraform, {declared:,} resources each")
    terraform.write_project(project.folder, found, size.cygni.endpoint, REGION, resources)
    size.cygni.destroy()
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    for turn in range(rounds):
        for cygni_now in (True, False) if turn % 2 == 0 else (False, True):
            life = _cygni_life(size.cygni) if cygni_now else _terraform_life(project, declared)
            for name, seconds in life.items():
                (ours if cygni_now else theirs).setdefault(name, []).append(seconds)
    return [compared(name, size.resources, ratio(ours[name], theirs[name]), TERRAFORM_GOAL) for name in ours]


_PLAN = "first cx diff : terraform plan"
_APPLY = "cx deploy : terraform plan and apply of it"
_UNCHANGED_PLAN = "no-op cx diff : terraform plan"
_UNCHANGED_APPLY = "no-op cx deploy : terraform apply"
_DESTROY = "cx destroy : terraform destroy"
_LESS_WAITS = ", less its waits"


def _cygni_life(cygni: Cygni) -> dict[str, float]:
    cygni.forget()
    life = {
        _PLAN: cygni.diff(),
        _APPLY: cygni.deploy(),
        _UNCHANGED_PLAN: cygni.diff(),
        _UNCHANGED_APPLY: cygni.deploy(),
        _DESTROY: cygni.destroy(),
    }
    return {**life, **{name + _LESS_WAITS: life[name] for name in (_APPLY, _DESTROY)}}


def _terraform_life(project: terraform.Project, resources: int) -> dict[str, float]:
    plan = project.plan()
    applied = project.apply_saved()
    if project.listed() != resources:
        raise CommandFailed(f"Terraform made {project.listed()} resources, Cygni {resources}")
    life = {_PLAN: plan, _UNCHANGED_PLAN: project.plan(), _UNCHANGED_APPLY: project.apply()}
    destroyed = project.destroy()
    return {
        **life,
        _APPLY: plan + applied.seconds,
        _APPLY + _LESS_WAITS: plan + applied.less_waits,
        _DESTROY: destroyed.seconds,
        _DESTROY + _LESS_WAITS: destroyed.less_waits,
    }
