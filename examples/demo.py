"""`make demo`: the whole job on the local cloud, as a newcomer would type it.

Deploys a copy of examples/hello and asks it for its greeting, changes it, looks at the difference and its cost,
applies it, goes back to the release before, and removes everything again. It uses a data folder of its own, so nothing
of yours is touched. Exits with 1 if any step does not end as it should, or if anything is left.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parent / "hello"
CX = Path(sys.executable).with_name("cx")

CHANGES = (
    ("GREETING: hello", "GREETING: good evening"),
    ("nat: none", "nat: single"),
    ("cpu: 256", "cpu: 1024"),
    ("memory: 512 # MiB", "memory: 2048 # MiB\n    count: 2"),
)


class Demo:
    """Runs `cx` in a copy of the example, showing each command before its output."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "hello"
        shutil.copytree(EXAMPLE, self.project)
        self.environment = {**os.environ, "CYGNI_DATA_DIR": str(folder / "data")}
        for name in ("CX_APP", "CX_ENV"):
            self.environment.pop(name, None)

    def cx(self, *arguments: str, quiet: bool = False) -> Any:
        """Runs a command; with `quiet` returns the JSON it prints instead of showing it."""
        if not quiet:
            say(f"\n$ cx {' '.join(arguments)}")
        done = subprocess.run(
            [str(CX), *arguments],
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.DEVNULL if quiet else None,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"demo: cx {' '.join(arguments)} ended with {done.returncode}")
        return json.loads(done.stdout) if quiet else None

    def edit(self) -> None:
        file = self.project / "cygni.yaml"
        text = file.read_text(encoding="utf-8")
        for before, after in CHANGES:
            if before not in text:
                sys.exit(f"demo: {file.name} has no line {before!r} to change")
            text = text.replace(before, after, 1)
        file.write_text(text, encoding="utf-8")

    def ask(self, greeting: str) -> None:
        """Asks the service at its address, and ends the demo if it does not greet so."""
        outputs = self.cx("outputs", "--json", quiet=True)
        address = outputs["services"]["urls"]["web"]
        with urllib.request.urlopen(address, timeout=30) as answer:
            said = json.load(answer)
        say(f"\n$ curl {address}\n{json.dumps(said)}")
        if said["greeting"] != greeting:
            sys.exit(f"demo: {address} should greet with {greeting!r}")

    def left_over(self) -> tuple[list[Any], list[str]]:
        """What is left in the cloud, and which stacks are left in the state."""
        endpoint = self.cx("local", "status", "--json", quiet=True)["endpoint"]
        with urllib.request.urlopen(f"{endpoint}/_cygni/inventory", timeout=30) as answer:
            inventory = json.load(answer)
        resources = inventory["resources"] if isinstance(inventory, dict) else inventory
        state = Path(self.environment["CYGNI_DATA_DIR"]) / "state" / ".pulumi" / "stacks"
        return resources, [path.stem for path in state.rglob("*.json")]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(folder: Path) -> None:
    demo = Demo(folder)
    say("Cygni demo: a web service with a bucket, on a cloud inside this machine.")
    demo.cx("local", "up")
    try:
        demo.cx("deploy", "--yes")
        demo.ask("hello")
        say("\n# Now another greeting, more CPU, two tasks and a NAT gateway:")
        for before, after in CHANGES:
            say(f"#   {before}  ->  {' '.join(after.split())}")
        demo.edit()
        demo.cx("diff")
        demo.cx("deploy", "--yes")
        demo.ask("good evening")
        demo.cx("status")
        say("\n# The same again changes nothing:")
        demo.cx("deploy", "--yes")
        say("\n# The release before is still warm, so that all requests go back to it at once:")
        demo.cx("rollback")
        demo.ask("hello")
        demo.cx("releases")
        demo.cx("destroy", "--yes", "--allow-destroy", "uploads")
        resources, stacks = demo.left_over()
        if resources or stacks:
            sys.exit(f"demo: left in the cloud: {resources}; left in the state: {stacks}")
        say("\nNothing is left: 0 resources in the cloud, 0 stacks in the state.")
    finally:
        demo.cx("local", "down")
    say(NEXT.format(cx=os.path.relpath(CX)))


NEXT = """
Next, on your own:
  cd examples/hello
  ../../{cx} deploy        deploys it, and asks first
  ../../{cx} diff          after you changed cygni.yaml
  ../../{cx} --help        everything else"""


def main(arguments: Sequence[str]) -> None:
    if arguments:
        sys.exit(f"demo: takes no arguments, got {' '.join(arguments)}")
    with tempfile.TemporaryDirectory(prefix="cygni-demo-") as folder:
        run(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
