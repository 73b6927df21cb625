"""Runs a build, tells what it does, and leaves nothing behind where it is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cygni.builder.images.failures import build_failure, connection_lost
from cygni.builder.images.output import BuildSteps
from cygni.builder.images.revision import revision_of
from cygni.builder.images.sources import ImageSource
from cygni.builder.images.tools import BuildOrder, Tool
from cygni.builder.secrets import Redaction
from cygni.errors import BuildFailed, RegistryUnreachable
from cygni.private_file import make_once

REVISION_LABEL: Final = "org.opencontainers.image.revision"
"""OCI image specification, "Annotations"."""
_LAST_LINES: Final = 20
_END_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Built:
    """`image_id` is `sha256:` and the digest of its configuration. `cached` of `steps` came from the cache."""

    reference: str
    image_id: str
    steps: int
    cached: int
    seconds: float


def build_source(
    tool: Tool,
    source: ImageSource,
    reference: str,
    platform: str,
    tell: Callable[[str], None],
    secrets: Mapping[str, bytes] = MappingProxyType({}),
) -> Built:
    """Build the image of a source, which says what revision it was made from. `secrets` are values by the ids that the
    Dockerfile mounts them by; they are told to nobody. Raises what `build` raises."""
    folder = source.context.folder
    revision = revision_of(folder)
    labels = {REVISION_LABEL: revision} if revision else {}
    with tempfile.TemporaryDirectory(prefix="cx-dockerfile-") as aside:
        dockerfile = Path(aside, "Dockerfile")
        dockerfile.write_text(source.dockerfile, encoding="utf-8")
        files = _written(secrets, Path(aside))
        order = BuildOrder(folder, dockerfile, reference, platform, labels, files)
        return build(tool, order, tell, Redaction(secrets))


def _written(secrets: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """The file of each secret, readable by its owner alone; they go with `folder`."""
    files = {}
    for number, (name, value) in enumerate(sorted(secrets.items())):
        files[name] = folder / f"secret-{number}"
        make_once(files[name], value)
    return files


def build(
    tool: Tool, order: BuildOrder, tell: Callable[[str], None], redact: Callable[[str], str] = str
) -> Built:
    """Build an image; `tell` hears every line of the tool, as `redact` leaves it.

    Raises BuildFailed with the last lines in `details`, since they were told, and of its kinds BaseImageMissing and
    RegistryUnreachable where they tell of that.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cx-build-") as aside:
        id_file = Path(aside, "image-id")
        steps = BuildSteps()
        last = _LastLines(tell, _LAST_LINES)

        def hear(line: str) -> None:
            said = redact(line)
            steps.take(said)
            last(said)

        code = run(tool.build(order, id_file), hear)
        if code != 0 or not id_file.is_file():
            raise _failed(tool, order, code, last)
        image_id = id_file.read_text(encoding="utf-8").strip()
    return Built(order.reference, image_id, steps.count, steps.cached, time.monotonic() - started)


def _failed(tool: Tool, order: BuildOrder, code: int, last: _LastLines) -> BuildFailed:
    details = {"tool": tool.name, "exit_code": code, "reference": order.reference}
    return build_failure(
        order.reference,
        why=f"{tool.name} ended with {code}",
        hint="See its Dockerfile: cx build --print SERVICE",
        login=f"log in to its registry: {tool.name} login",
        lines=list(last.lines),
        details=details,
    )


def run_to_success(
    command: Sequence[str],
    tell: Callable[[str], None] | None,
    what: str,
    *,
    hint: str | None = None,
    lines: int = _LAST_LINES,
    given: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """`run` for a command that has to end with 0. Raises BuildFailed, with `what` and the last `lines` of it where
    nobody heard them, and of its kinds RegistryUnreachable where they tell of that."""
    last = _LastLines(tell or _nobody, lines)
    code = run(command, last, given, environ)
    if code != 0:
        kind = RegistryUnreachable if connection_lost(last.lines) else BuildFailed
        raise kind(
            f"{what} ended with {code}{'' if tell else last}",
            hint=hint,
            details={"tool": command[0], "exit_code": code, "last_lines": list(last.lines)},
        )


def run(
    command: Sequence[str],
    hear: Callable[[str], None],
    given: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Run a command to its end, with `given` on standard input; its exit code. What it started ends with it, also
    where this is interrupted. Raises BuildFailed where it cannot be started."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environ,
            start_new_session=True,
        )
    except OSError as error:
        raise BuildFailed(f"{command[0]} cannot be started: {error.strerror or error}") from error
    try:
        if given is not None and process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(given)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        for line in process.stdout or ():
            hear(line.rstrip("\n"))
        return process.wait()
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Its whole group; first asked, so that it removes its containers."""
    if process.poll() is None:
        for wish in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, wish)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_END_SECONDS)
                break
    if process.stdout is not None:
        process.stdout.close()


def _nobody(line: str) -> None:
    pass


class _LastLines:
    """Passes on what a command says, and keeps the end of it: as text, a line each below an error."""

    def __init__(self, tell: Callable[[str], None], most: int) -> None:
        self._tell = tell
        self.lines: deque[str] = deque(maxlen=most)

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._tell(line)

    def __str__(self) -> str:
        return "".join(f"\n  {line}" for line in self.lines)
