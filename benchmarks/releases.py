"""Releases under load: examples/hello is deployed again and again by `cx` while a load generator never pauses."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measuring import Commands
from benchmarks.places import CX, environment_of
from benchmarks.requesting import Answer, Requests, failures
from benchmarks.results import Row
from benchmarks.streams import Streams
from benchmarks.switches import Operation, Switch, quantile, spans, switches, within
from cygni.local_cloud import process
from cygni.settings import Settings
from stacks.engine_places import Engine
from stacks.release_store import release_store

ROUNDS = 20
"""Blue-green deploys of a whole run; a quarter as many canaries and rollbacks go with them."""
REQUESTS = 200_000
"""What a whole run asks at least."""
SWITCH_GOAL, ROLLBACK_GOAL, COMMAND_GOAL = 1.0, 1.0, 2.0
_EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "hello"
_STREAMING = Path(__file__).with_name("streaming.py")
_TIMEOUT = 300.0
_SENT_BACK = 11
_TASKS = 3

Say = Callable[[str], None]


class Hello:
    """A copy of examples/hello with streams, on a local cloud of its own. Its version is what it answers with."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder / "hello"
        shutil.copytree(_EXAMPLE, self._folder)
        shutil.copy(_STREAMING, self._folder)
        with (self._folder / ".dockerignore").open("a", encoding="utf-8") as ignored:
            ignored.write(f"!{_STREAMING.name}\n")
        data = folder / "data"
        self.settings = replace(Settings.from_environment(), data_dir=data, local_port=None)
        environment = {**environment_of(engine, data), "CYGNI_RELEASES": "on"}
        self._commands = Commands(self._folder, environment, _TIMEOUT)
        self._store = release_store(self.settings, "hello", "local", {})
        self.version = 0

    def close(self) -> None:
        """Removes everything; `cx` must be able to."""
        self.cx("destroy", "--yes", "--allow-destroy=uploads")
        process.stop(self.settings)

    def cx(self, *arguments: str, codes: Sequence[int] = (0,)) -> str:
        return self._commands.watched([CX, *arguments], lambda pid: None, codes)[1]

    def url(self) -> str:
        return self.cx("outputs", "services.urls.web").strip()

    def write(self, *, canary: bool = False) -> None:
        """The specification of the next version."""
        self.version += 1
        spec: dict[str, Any] = yaml.safe_load((_EXAMPLE / "cygni.yaml").read_text("utf-8"))
        web = spec["services"]["web"]
        web["build"] = {"start": "python3 streaming.py"}
        web["env"]["VERSION"] = str(self.version)
        web |= {"count": _TASKS, "deregistration_delay": 5, "stop_timeout": 10}
        web["strategy"] = "canary" if canary else "blue-green"
        web["release"] = {"canary": [10, 50], "pause": 5, "bake": 5}
        (self._folder / "cygni.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), "utf-8")

    def heard(self) -> float:
        """When the last deployment began, in seconds since the epoch."""
        return self._store.deployments(1)[0].started_at.timestamp()


@dataclass
class Story:
    """What was done, which version answers now and which did before, and the healthy releases that were sent back, by
    what was said of them."""

    hello: Hello
    say: Say
    operations: list[Operation]
    live: str = "1"
    former: str = ""
    sent_back: Counter[str] = field(default_factory=Counter)

    def deploy(self, *, canary: bool) -> None:
        self.hello.write(canary=canary)
        kind = "canary" if canary else "blue-green"
        self._do(kind, str(self.hello.version), "deploy", "--yes", "--json")

    def roll_back(self) -> None:
        self._do("rollback", self.former, "rollback", "--json")

    def scale_in(self) -> None:
        self._do("scale-in", self.live, "scale", f"web={_TASKS - 1}", "--json")

    def _do(self, kind: str, after: str, *command: str) -> None:
        begun = time.time()
        printed = self.hello.cx(*command, codes=(0, _SENT_BACK))
        ended = time.time()
        told = json.loads(printed)
        if "error" in told:
            self.sent_back[told["error"]["message"]] += 1
            after = self.live
        self.operations.append(Operation(kind, self.live, after, begun, self.hello.heard(), ended))
        if after != self.live:
            self.former, self.live = self.live, after
        self.say(f"{kind}: version {after} answers after {ended - begun:.1f} s")


@dataclass(frozen=True)
class Measured:
    """All that is told of a run."""

    answers: Sequence[Answer]
    failed: Counter[str]
    streams: Streams
    operations: Sequence[Operation]
    sent_back: Mapping[str, int]


def measured(folder: Path, engine: Engine, rounds: int, say: Say) -> list[Row]:
    """Deploys, canaries, rollbacks and a scale-in, under load from the first to the last."""
    folder.mkdir()
    hello = Hello(folder, engine)
    try:
        say("releases: first deploy")
        hello.write()
        hello.cx("deploy", "--yes")
        found = _under_load(hello, folder / "requests", rounds, say)
        for what, count in (found.failed + found.streams.failures).items():
            say(f"releases: {count} failed: {what}")
        hello.close()
    finally:
        process.stop(hello.settings)
    return rows(found)


def _under_load(hello: Hello, folder: Path, rounds: int, say: Say) -> Measured:
    url = hello.url()
    story = Story(hello, say, [])
    wanted = REQUESTS if rounds >= ROUNDS else 0
    requests, streams = Requests(url, folder), Streams(url)
    with streams, requests:
        for number in range(rounds):
            story.deploy(canary=False)
            if number % 4 == 3 or rounds < 4:
                story.roll_back()
                story.deploy(canary=True)
        story.scale_in()
        while (count := requests.count()) < wanted:
            say(f"releases: {count:,} requests of {wanted:,}")
            time.sleep(10)
        _let_drain()
    answers = requests.answers()
    failed = failures(answers, requests.failures)
    return Measured(answers, failed, streams, story.operations, story.sent_back)


def _let_drain() -> None:
    """What was scaled in takes its time to end."""
    time.sleep(15)


def rows(found: Measured) -> list[Row]:
    """The table of a run. Goals are of the slowest."""
    switched = switches(found.operations, found.answers)
    inside, outside = within(found.answers, spans(switched))
    kinds = Counter(one.kind for one in found.operations)
    failed, broken = found.failed.total(), found.streams.failures.total()
    sent_back = sum(found.sent_back.values())
    healthy = kinds["blue-green"] + kinds["canary"]
    return [
        Row(f"releases : {_listed(kinds)}", None, f"{len(found.answers):,} requests"),
        Row("  failed requests", None, f"{failed}", goal=0, value=failed),
        Row(
            f"  broken streams, of {found.streams.ended} that ended",
            None,
            f"{broken}",
            f"{found.streams.events:,} events",
            goal=0,
            value=broken,
        ),
        Row(f"  healthy releases sent back, of {healthy}", None, f"{sent_back}", goal=0, value=sent_back),
        Row("  p50 in a switch : outside", None, _ms(inside, 0.5), _ms(outside, 0.5)),
        Row("  p99 in a switch : outside", None, _ms(inside, 0.99), _ms(outside, 0.99)),
        *_times("switch of a deploy", [one.seconds for one in _of(switched, "blue-green")], SWITCH_GOAL),
        *_times("rollback", [one.after_heard for one in _of(switched, "rollback")], ROLLBACK_GOAL),
        *_times(
            "the same from its call", [one.after_command for one in _of(switched, "rollback")], COMMAND_GOAL
        ),
    ]


def _listed(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _of(found: Sequence[Switch], kind: str) -> list[Switch]:
    return [one for one in found if one.operation.kind == kind]


def _ms(seconds: Sequence[float], part: float) -> str:
    return f"{quantile(seconds, part) * 1e3:.1f} ms"


def _times(measure: str, seconds: Sequence[float], goal: float) -> list[Row]:
    if not seconds:
        return []
    slowest = max(seconds)
    told = _short(statistics.median(seconds)), f"slowest {_short(slowest)}"
    return [Row(f"  {measure}", None, *told, goal=goal, value=slowest)]


def _short(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms" if seconds < 0.1 else f"{seconds:.2f} s"
