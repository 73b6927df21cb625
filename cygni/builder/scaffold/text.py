"""`cygni.yaml` with its comments (pure)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from cygni.builder.scaffold.plan import PlannedService
from cygni.wording import one_line

_HEAD = """\
# What `cx deploy` makes of this folder. It is yours to change; what else can be written here is told by
# docs/configuration.md of Cygni. `cx diff` shows what a change would do and cost, before anything is done.
"""


def spec_text(project: str, region: str, services: Sequence[PlannedService]) -> str:
    """The text of cygni.yaml."""
    lines = [
        *_HEAD.splitlines(),
        "",
        f"project: {scalar(project)} # part of the name of everything it has",
        f"region: {scalar(region)} # where everything runs",
        "",
        "network:",
        "  nat: none # tasks have a public address each; a NAT gateway (single, per-zone) is paid by the hour",
        "",
        "services:",
    ]
    for service in services:
        lines += [f"  {line}" if line else "" for line in _service(service)]
    lines += _environments(services)
    return "\n".join(lines) + "\n"


def _service(service: PlannedService) -> Iterator[str]:
    yield f"{scalar(service.name)}:" + (f" # {one_line(service.because)}" if service.because else "")
    if service.kind != "web":
        yield f"  kind: {service.kind}" + (
            " # runs when it is asked to, and ends" if service.kind == "job" else " # answers no requests"
        )
    elif not service.sure:
        yield "  # Nothing tells whether it answers requests: where it does not, write `kind: worker` and no port."
    yield "  build:"
    if service.context != ".":
        yield f"    context: {scalar(service.context)}"
    if service.dockerfile not in (None, "Dockerfile"):
        told = " # its COPY begins at the root of the workspace" if service.member else ""
        yield f"    dockerfile: {scalar(service.dockerfile or '')}{told}"
    if service.bundle.steps:
        yield "    steps: # run in a copy of the folder, before it is started"
        yield from (f"      - {scalar(step)}" for step in service.bundle.steps)
    yield f"    start: {scalar(service.bundle.start)}"
    if service.kind == "web":
        yield f"  port: {service.port} # on the local cloud it listens on the port that PORT names"
        if service.path != "/":
            yield f"  path: {service.path} # requests whose path begins so, which stays as it is"
    yield "  cpu: 256 # a quarter of a vCPU"
    yield f"  memory: {service.bundle.memory} # MiB"
    if service.kind == "web":
        yield "  health_check:"
        told = "" if service.health_path != "/" else " # asked until it answers with 200 to 399"
        yield f"    path: {scalar(service.health_path)}{told}"
    if service.before:
        yield "  release:"
        yield f"    before: {scalar(service.before)} # must end well before a new release takes requests"


def _environments(services: Sequence[PlannedService]) -> Iterator[str]:
    standing = [one.name for one in services if one.kind != "job"]
    if not standing:
        return
    yield ""
    yield "# What differs elsewhere; an environment that is not named here is exactly the above."
    yield "environments:"
    yield "  production:"
    yield "    services:"
    for name in standing:
        yield f"      {scalar(name)}:"
        yield "        count: 2 # one may fail"


def scalar(text: str) -> str:
    """A text as YAML reads it back, plain where that is safe."""
    plain = re.fullmatch(r"[A-Za-z./][\w ./:=@,+-]*[\w/.]|[A-Za-z./]", text)
    if plain and ": " not in text and not re.fullmatch(r"(?i)true|false|null|yes|no|on|off|y|n", text):
        return text
    if "'" in text and not re.search(r'["\\]', text):
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def summary(services: Sequence[PlannedService]) -> str:
    """One line for people."""
    told = ", ".join(f"{one.name} ({one.kind})" for one in services)
    return textwrap.shorten(told, 200)
