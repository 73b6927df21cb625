"""How a release goes on: a tree that moves at a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.release_lines import event_line, reading_text, weight_bar
from cygni.plan.wording import duration_text
from cygni.releases.events import (
    Began,
    Changed,
    Counts,
    Event,
    GateRead,
    JobBegan,
    JobEnded,
    Logged,
    StepBegan,
    StepEnded,
    Waits,
    Weighed,
    to_dict,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

    from cygni.releases.events import Sink

LOG_LINES = 5
"""Of the new colour's log, at a terminal."""

_REFRESHES = 8
"""Times a second that timers move."""


@contextmanager
def release_view(people: Console, *, as_json: bool = False) -> Iterator[Sink]:
    """What to tell the events of a deployment to."""
    if as_json:
        yield _write
    elif people.is_terminal:
        from rich.live import Live

        view = _View()
        with Live(
            get_renderable=view.tree, console=people, refresh_per_second=_REFRESHES, transient=True
        ) as live:

            def show(event: Event) -> None:
                view.hear(event)
                if line := event_line(event):
                    live.console.print(line, markup=False)

            yield show
    else:

        def tell(event: Event) -> None:
            if line := event_line(event):
                people.print(line, markup=False, soft_wrap=True)

        yield tell


@contextmanager
def telling(people: Console, environment: Path, doing: str) -> Iterator[Sink]:
    """As `release_view`, and kept for `cx attach` below the `environment`'s folder; where nobody is at the terminal,
    that alone. What the block raises is how it ended."""
    from cli.event_file import event_file, is_told_elsewhere

    with event_file(environment, doing) as file:
        if is_told_elsewhere():
            yield file.tell
            return
        with release_view(people) as show:

            def tell(event: Event) -> None:
                file.tell(event)
                show(event)

            yield tell


def _write(event: Event) -> None:
    sys.stdout.write(json.dumps(to_dict(event)) + "\n")
    sys.stdout.flush()


@dataclass
class _Step:
    label: str
    state: str = "waiting"
    since: float = 0.0
    seconds: float = 0.0


@dataclass
class _View:
    """The events of one deployment, as far as they are still worth showing."""

    title: str = ""
    tracks: dict[str, list[_Step]] = field(default_factory=dict)
    waits: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)
    weights: dict[str, Mapping[str, int]] = field(default_factory=dict)
    gates: dict[tuple[str, str], GateRead] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LOG_LINES))

    def hear(self, event: Event) -> None:
        match event:
            case Began(release=release, tracks=tracks):
                self.title = f"release {release}"
                self.tracks = {name: [_Step(label) for label in labels] for name, labels in tracks.items()}
            case Changed(state=state):
                self.title = f"{self.title.partition(' · ')[0]} · {state.value.replace('_', ' ')}"
            case StepBegan(track=track, index=index):
                self._step(track, index).since = time.monotonic()
                self._step(track, index).state = "running"
            case StepEnded(track=track, index=index, seconds=seconds, passed=passed):
                step = self._step(track, index)
                step.state, step.seconds = ("done" if passed else "failed"), seconds
                self.waits.pop(track, None)
            case Waits(track=track, text=text):
                self.waits[track] = text
            case Counts(service=service, colour=colour):
                self.counts.setdefault(service, {})[colour.value] = event
            case Weighed(service=service, weights=weights):
                self.weights[service] = {colour.value: weight for colour, weight in weights.items()}
            case GateRead(service=service, gate=gate):
                self.gates[service, gate] = event
            case JobBegan(job=job):
                self.jobs[job] = "runs"
            case JobEnded(job=job, passed=passed):
                self.jobs[job] = "done" if passed else "failed"
            case Logged(service=service, text=text):
                self.lines.append(f"{service} │ {text}")
            case _:
                pass

    def _step(self, track: str, index: int) -> _Step:
        steps = self.tracks.setdefault(track, [])
        while len(steps) <= index:
            steps.append(_Step("step"))
        return steps[index]

    def tree(self) -> Tree:
        """What Rich draws."""
        from rich.text import Text
        from rich.tree import Tree

        root = Tree(Text(self.title, style="bold"))
        for job, state in self.jobs.items():
            root.add(Text(f"{_SIGNS.get(state, '·')} job {job}: {state}", style=_STYLES.get(state, "")))
        for track, steps in self.tracks.items():
            branch = root.add(Text(track, style="bold"))
            for step in steps:
                branch.add(self._step_text(track, step))
        for service in sorted({*self.counts, *self.weights}):
            self._add_service(root, service)
        for line in self.lines:
            root.add(Text(line, style="dim", overflow="ellipsis", no_wrap=True))
        return root

    def _step_text(self, track: str, step: _Step) -> Any:
        from rich.text import Text

        took = step.seconds if step.state in ("done", "failed") else time.monotonic() - step.since
        timer = f"  {duration_text(took)}" if step.state != "waiting" else ""
        waits = f"  {self.waits[track]}" if step.state == "running" and track in self.waits else ""
        return Text(f"{_SIGNS[step.state]} {step.label}{timer}{waits}", style=_STYLES[step.state])

    def _add_service(self, root: Tree, service: str) -> None:
        from rich.text import Text

        branch = root.add(Text(service, style="bold"))
        weights = self.weights.get(service, {})
        for colour, count in sorted(self.counts.get(service, {}).items()):
            share = f"  {weight_bar(weights[colour])}" if colour in weights else ""
            branch.add(
                Text(f"{colour:<5} {count.running}/{count.desired} running, {count.healthy} healthy{share}")
            )
        for (owner, _), gate in sorted(self.gates.items()):
            if owner == service:
                branch.add(Text(reading_text(gate), style=_STYLES.get(gate.state.value, "")))


_SIGNS = {"waiting": "·", "running": "…", "done": "✓", "failed": "✗", "runs": "…"}
_STYLES = {
    "waiting": "dim",
    "running": "yellow",
    "runs": "yellow",
    "done": "green",
    "failed": "red",
    "fail": "red",
    "pass": "green",
}
