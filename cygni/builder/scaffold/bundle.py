"""How a program is made and started on the local cloud, where it is a process and no container (pure).

What installs runs in a copy of the folder that is moved afterwards, so nothing may depend on its path: scripts of a
virtual environment are given to its Python, which finds everything by its own place.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

from cygni.builder.detect import Kind
from cygni.builder.detect.answer import Program

DEFAULT_PORT: Final = 8080
_VENV: Final = ".venv/bin/python"
_PIP: Final = f"{_VENV} -m pip install --quiet --disable-pip-version-check"
_IN_PROJECT: Final = {"poetry": "POETRY_VIRTUALENVS_IN_PROJECT=true ", "pipenv": "PIPENV_VENV_IN_PROJECT=1 "}
_BIG: Final = ("java", "kotlin", "scala", "clojure", "csharp", "fsharp")
_PORT_OF_JAVA: Final = {
    "spring-boot": "-Dserver.port=${PORT:-8080} -Dserver.address=${HOST:-0.0.0.0}",
    "quarkus": "-Dquarkus.http.port=${PORT:-8080} -Dquarkus.http.host=${HOST:-0.0.0.0}",
    "micronaut": "-Dmicronaut.server.port=${PORT:-8080} -Dmicronaut.server.host=${HOST:-0.0.0.0}",
}
_PORT_BY_VARIABLE: Final = {
    "aspnetcore": "ASPNETCORE_URLS=http://${HOST:-0.0.0.0}:${PORT:-8080}",
    "giraffe": "ASPNETCORE_URLS=http://${HOST:-0.0.0.0}:${PORT:-8080}",
    "gradio": "GRADIO_SERVER_NAME=${HOST:-0.0.0.0} GRADIO_SERVER_PORT=${PORT:-7860}",
    "rocket": "ROCKET_ADDRESS=${HOST:-0.0.0.0} ROCKET_PORT=${PORT:-8000}",
}
"""Frameworks that do not read PORT, and what they read."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """`steps` are lines for a shell, `start` is a command without one, `memory` is in MiB."""

    steps: tuple[str, ...]
    start: str
    memory: int = 512


def bundle_of(program: Program) -> Bundle | None:
    """None where nothing is known that starts it."""
    if program.kind is Kind.STATIC:
        return Bundle(_steps(program), in_shell(_files(program.output_directory or ".")))
    start = program.own_start
    if start is None:
        return None
    memory = 1024 if program.language in _BIG else 512
    return Bundle(_steps(program), in_shell(started(program, start)), memory)


def _files(folder: str) -> str:
    listen = f"${{PORT:-{DEFAULT_PORT}}} --bind ${{HOST:-0.0.0.0}}"
    return f"python3 -m http.server {listen} --directory {shlex.quote(folder)}"


def _steps(program: Program) -> tuple[str, ...]:
    if program.language == "python":
        return _steps_of_python(program)
    given = (program.install_command, program.build_command)
    if program.language in ("go", "rust"):
        given = (None, program.build_command)  # what builds fetches as well
    if program.package_manager == "bundler":
        given = ("bundle config set --local path vendor/bundle && bundle install", program.build_command)
    return tuple(step for step in given if step)


def _steps_of_python(program: Program) -> tuple[str, ...]:
    install = program.install_command
    steps: list[str] = []
    if install and install.startswith("pip install "):
        steps = ["python3 -m venv .venv", f"{_PIP} {install.removeprefix('pip install ')}"]
    elif install:
        steps = [f"{_IN_PROJECT.get(program.package_manager or '', '')}{install}"]
    if program.build_command:
        steps.append(_by_venv(program, program.build_command))
    return tuple(steps)


def started(program: Program, start: str) -> str:
    """A start command as it is for a process that is told by PORT and HOST where to listen; a line for a shell."""
    line = listening(program, start.replace("0.0.0.0", "${HOST:-0.0.0.0}"))  # noqa: S104  # what a container listens on
    return _by_venv(program, line) if program.language == "python" else line


def listening(program: Program, start: str) -> str:
    """A start command with PORT for the port it names, by the means its framework has; a line for a shell."""
    line = start
    if program.port and "PORT" not in line:
        line = re.sub(rf"((?:--?port|-p)[= ]|:){program.port}\b", rf"\1${{PORT:-{program.port}}}", line)
    framework = program.framework or ""
    if line.startswith("java ") and framework in _PORT_OF_JAVA:
        line = f"java {_PORT_OF_JAVA[framework]} {line.removeprefix('java ')}"
    variables = _PORT_BY_VARIABLE.get(framework)
    return f"{variables} {line}" if variables and "PORT" not in start else line


def _by_venv(program: Program, line: str) -> str:
    """The command by the Python that has the packages, where they are in `.venv`."""
    variables = re.match(r"(?:env\s+)?(?:\w+=\S*\s+)*", line)
    before, command = (line[: variables.end()], line[variables.end() :]) if variables else ("", line)
    tool, space, rest = command.partition(" ")
    plain = program.install_command is None
    if plain or program.package_manager in ("conda", "pixi"):
        return f"{before}{'python3' if tool == 'python' and plain else tool}{space}{rest}"
    if tool in ("python", "python3"):
        return f"{before}{_VENV}{space}{rest}"
    return line if "/" in tool else f"{before}{_VENV} .venv/bin/{command}"


def in_shell(line: str) -> str:
    """`line` as a command without a shell: within `sh -c` where it takes one."""
    if not re.search(r"[$&|;<>`*?~()]|^\w+=", line):
        return line
    alone = not re.search(r"&&|\|\||;|\||^(?:cd|export|source|\.)\s", line)
    if alone:
        line = f"exec {'env ' if re.match(r'[A-Za-z_][A-Za-z0-9_]*=', line) else ''}{line}"
    return f"sh -c {shlex.quote(line)}"
