"""A project as a user has it: a folder with a cygni.yaml, `cx` as a program, and what can be seen from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import psutil
import yaml

from cygni.local_cloud import process
from cygni.naming import Part, stack_name
from cygni.resources import is_cloud
from cygni.settings import Settings
from stacks.state import StackState, look_in_folder
from stacks.target import state_folder
from tests.e2e.terminal import Terminal

CX = str(Path(sys.executable).with_name("cx"))
SECONDS = 180.0
TRACES = ("Traceback", "panic:", 'File "')

WORKER = {"kind": "worker", "image": "mailer:1"}
WEB = {"image": "nginx:1", "port": 80}


@dataclass(frozen=True)
class Result:
    """How a run of `cx` ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object of stdout."""
        return json.loads(self.out)

    @property
    def last_line(self) -> str:
        return self.err.strip().splitlines()[-1]

    @property
    def hint(self) -> str:
        """What an error says to do, without further lines of it."""
        [line] = [line for line in self.err.splitlines() if line.startswith("hint:  ")]
        return line.removeprefix("hint:  ")


class Running:
    """A `cx` in the background, in a process group of its own."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str], folder: Path) -> None:
        self._files = [Path(tempfile.mkstemp(dir=folder, prefix=name)[1]) for name in ("out", "err")]
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                env=dict(env),
                process_group=0,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def err(self) -> str:
        return self._files[1].read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float = SECONDS) -> Result:
        code = self.process.wait(seconds)
        return Result(code, self._files[0].read_text(encoding="utf-8"), self.err)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Project:
    """One project with a data folder, a temporary folder and a local cloud of its own."""

    def __init__(self, root: Path, cache_dir: Path, name: str = "shop") -> None:
        self.name = name
        self.root = root
        self.folder = root / "project"
        self.folder.mkdir()
        self.settings = Settings(data_dir=root / "data", cache_dir=cache_dir)
        # Short, because sockets are made in it and their paths are limited to about 100 characters.
        self.temporary = Path(tempfile.mkdtemp(prefix="cx-e2e-", dir="/tmp"))
        self.spec: dict[str, Any] = {}
        self.command = [CX]
        self.environments = ["local"]
        self.releases = False
        """Whether a deploy releases services too; most tests look at what the engine does."""
        self.others: dict[str, dict[str, Any]] = {}
        """Services beside the one that a test of releases writes."""
        self._open: list[Running | Terminal] = []

    def use_data_dir(self, data_dir: Path) -> None:
        self.settings = replace(self.settings, data_dir=data_dir)

    # What a user does

    def write(self, **sections: Any) -> None:
        """Writes cygni.yaml with these sections."""
        self.spec = {"project": self.name, "region": "us-east-1", **sections}
        self.write_text(yaml.safe_dump(self.spec, sort_keys=False))

    def change(self, **sections: Any) -> None:
        """Replaces sections of cygni.yaml; None removes one."""
        merged = {**self.spec, **sections}
        self.spec = {key: value for key, value in merged.items() if value is not None}
        self.write_text(yaml.safe_dump(self.spec, sort_keys=False))

    def write_text(self, text: str) -> None:
        (self.folder / "cygni.yaml").write_text(text, encoding="utf-8")

    def environ(self, **extra: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TMPDIR": str(self.temporary),
            "CYGNI_DATA_DIR": str(self.settings.data_dir),
            "CYGNI_CACHE_DIR": str(self.settings.cache_dir),
            "AWS_EC2_METADATA_DISABLED": "true",
            "CYGNI_RELEASES": "on" if self.releases else "off",
            **extra,
        }

    def cx(self, *arguments: str, env: Mapping[str, str] | None = None, seconds: float = SECONDS) -> Result:
        """Runs `cx` to its end, with no terminal."""
        running = self.start(*arguments, env=env)
        return running.wait(seconds)

    def deploy(self, *arguments: str) -> Result:
        """`cx deploy --yes`, which must succeed."""
        result = self.cx("deploy", "--yes", "--debug", *arguments)
        assert result.code == 0, result.err
        return result

    def destroy(self, *allowed: str) -> Result:
        """`cx destroy --yes`, which must succeed and leave nothing in cloud and state."""
        flags = [flag for name in allowed for flag in ("--allow-destroy", name)]
        result = self.cx("destroy", "--yes", *flags)
        assert result.code == 0, result.err
        left = [*self.inventory(), *self.stacks()]
        assert left == [], left
        return result

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Running:
        """Runs `cx` in the background."""
        running = Running([*self.command, *arguments], self.folder, self.environ(**(env or {})), self.root)
        self._open.append(running)
        return running

    def terminal(self, *arguments: str) -> Terminal:
        """Runs `cx` at a terminal."""
        terminal = Terminal([*self.command, *arguments], self.folder, self.environ())
        self._open.append(terminal)
        return terminal

    # What can be seen

    def client(self, service: str) -> Any:
        """A boto3 client of the local cloud, which must run."""
        cloud = process.status(self.settings)
        assert cloud is not None
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=cloud.endpoint, **keys)

    def inventory(self) -> list[dict[str, Any]]:
        """What exists in the cloud."""
        return process.inventory(self.settings)

    def kinds(self) -> Counter[str]:
        return Counter(one["kind"] for one in self.inventory())

    def state(self, part: Part, environment: str = "local") -> StackState:
        return look_in_folder(state_folder(self.settings), stack_name(self.name, environment, part))

    def stacks(self) -> list[str]:
        """The parts that have a stack in the state."""
        return [part.value for part in Part if self.state(part).exists]

    def snapshot(self) -> tuple[Any, ...]:
        """State and cloud, to compare before and after."""
        return ([self.state(part).fingerprint for part in Part], self.inventory())

    def duplicates(self) -> list[str]:
        """The identities (tag `cygni:urn`) that more than one resource in the cloud has."""
        counted = Counter(_identities(self.inventory()))
        return [urn for urn, count in counted.items() if count > 1]

    def differences(self) -> list[str]:
        """What of the tagged resources is in the cloud and not in the state, or the other way, or pending."""
        cloud = Counter(_identities(self.inventory()))
        states = [self.state(part, name) for part in Part for name in self.environments]
        known = Counter(
            str(tags["cygni:urn"])
            for state in states
            for one in state.resources
            if _is_listed(str(one["type"])) and (tags := _tags_in_state(one)).get("cygni:urn")
        )
        return [
            *(f"in the cloud alone: {urn}" for urn in cloud - known),
            *(f"in the state alone: {urn}" for urn in known - cloud),
            *(f"pending: {one['resource']['urn']}" for state in states for one in state.pending),
            *(f"locked: {lock.key}" for state in states for lock in state.locks),
        ]

    def processes(self) -> list[str]:
        """Processes that `cx` left behind: all that carry this data folder, but for the local cloud."""
        found = []
        for one in psutil.process_iter():
            try:
                if one.environ().get("CYGNI_DATA_DIR") == str(self.settings.data_dir):
                    found.append(f"{one.pid} {' '.join(one.cmdline())[:120]}")
            except psutil.Error:
                continue
        return found

    def find_process(self, marker: str, seconds: float = 60.0) -> psutil.Process:
        """The newest process of this project whose command line contains `marker`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pids = [int(line.split()[0]) for line in self.processes() if marker in line]
            if pids:
                return psutil.Process(max(pids))
            time.sleep(0.01)
        raise AssertionError(f"no process with {marker!r} among {self.processes()}")

    def wait_until(self, come: Callable[[], bool], seconds: float = 60.0) -> None:
        """Waits for what has to come about."""
        until = time.monotonic() + seconds
        while not come():
            assert time.monotonic() < until, "it did not come about"
            time.sleep(0.05)

    def left_in_temporary(self) -> list[str]:
        return sorted(path.name for path in self.temporary.iterdir())

    def left_behind(self, seconds: float = 3.0, *, killed: int = 0) -> list[str]:
        """Processes and temporary files that are still there after `seconds`; the sockets of a command that was
        `killed` itself do not count, because the next one sweeps them."""
        until = time.monotonic() + seconds
        while True:
            files = [one for one in self.left_in_temporary() if not one.startswith(f"cygni-{killed}-")]
            found = [*self.processes(), *files]
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def end_commands(self) -> None:
        """Those that still run in the background or at a terminal."""
        for one in self._open:
            one.close()
        self._open.clear()

    def close(self) -> None:
        self.end_commands()
        process.stop(self.settings)
        shutil.rmtree(self.temporary, ignore_errors=True)


def _identities(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of several revisions of a task definition, which are kept to go back to, once."""
    found = [one["tags"]["cygni:urn"] for one in resources if "cygni:urn" in one["tags"]]
    revisions = {urn for urn in found if "/aws:ecs/taskDefinition:TaskDefinition/" in urn}
    return [*(urn for urn in found if urn not in revisions), *sorted(revisions)]


def _is_listed(resource_type: str) -> bool:
    """Whether the inventory lists resources of a type: it takes a rule for a part of its group or listener."""
    return is_cloud(resource_type) and not resource_type.endswith("Rule")


def _tags_in_state(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return (resource.get("inputs") or {}).get("tags") or {}


def is_one_error(result: Result) -> bool:
    """Whether stderr has exactly one error with a hint and no trace of a program's insides."""
    lines = result.err.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    hints = [line for line in lines if line.startswith("hint:  ")]
    return len(errors) == 1 and len(hints) == 1 and not any(t in result.err + result.out for t in TRACES)
