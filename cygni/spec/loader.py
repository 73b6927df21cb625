"""Finds and reads cygni.yaml: the one place of this package that touches files."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cygni.errors import NotFound, SpecError
from cygni.spec.fields import STANDING_ENVIRONMENTS
from cygni.spec.layers import Layers
from cygni.spec.model import ProjectSpec
from cygni.spec.resolve import ENVIRONMENT_NAMES, is_environment, resolve
from cygni.spec.yaml_document import Position, Problem, position_of, read_document
from cygni.wording import did_you_mean, one_line, quoted, shown_path

FILE_NAME: Final = "cygni.yaml"
MAX_BYTES: Final = 1024 * 1024
_BYTE_ORDER_MARK: Final = "\ufeff"
_SHOWN_PROBLEMS: Final = 20
_LISTED_PROBLEMS: Final = 200


@dataclass(frozen=True, slots=True)
class FileKind:
    """What errors say of a kind of file: its `name`, what to do where it is `missing`, and how it is `named_with` an
    option."""

    name: str
    missing: str
    named_with: str


SPEC_FILE: Final = FileKind(
    FILE_NAME,
    missing="let `cx init` write one at the root of your project",
    named_with="that file or its folder with --app",
)


def find_spec(start: Path) -> Path:
    """The path of the cygni.yaml of `start`'s project, absolute.

    Looks in `start` and then in each folder above it, up to the root of the git repository, or of the file
    system where there is none. If `start` is a file, it is taken to be the specification itself.
    Raises `NotFound` when there is none.
    """
    try:
        folder = start.resolve()
        if folder.is_file():
            return folder
        if start.is_symlink() and not folder.exists():
            raise _broken_link(start)
        if folder.exists() and not folder.is_dir():
            raise _not_a_file(shown_file(start), SPEC_FILE)
        if not folder.is_dir():
            raise NotFound(f"{quoted(str(start))} does not exist", hint="name a folder or a cygni.yaml")
        for place in (folder, *folder.parents):
            if (place / FILE_NAME).exists() or (place / FILE_NAME).is_symlink():
                return place / FILE_NAME
            if (place / ".git").exists():
                break
    except (OSError, ValueError, RuntimeError) as error:
        raise NotFound(f"{quoted(str(start))} cannot be looked into: {_reason(error)}") from None
    raise _no_spec(folder, place)


def load_spec(path: Path, environment: str) -> ProjectSpec:
    """The specification in the file `path`, resolved for `environment`.

    Raises `SpecError` with every problem of the file, `NotFound` when there is no such file or environment.
    """
    return load_layers(path, environment).spec


def load_layers(path: Path, environment: str) -> Layers:
    """As `load_spec`, with where each value comes from."""
    return parse_layers(read_file(path), shown_file(path), environment)


def parse_spec(text: str, filename: str, environment: str) -> ProjectSpec:
    """The specification in `text`; `filename` is what errors call it.

    Raises `SpecError`: its message has a line `FILE:LINE:COLUMN: PATH: MESSAGE` for each problem (the first
    20), its details hold `file`, `line`, `column` and `path` of the first, and all as `problems`. Raises
    `NotFound` for an environment that cannot be.
    """
    return parse_layers(text, filename, environment).spec


def parse_layers(text: str, filename: str, environment: str) -> Layers:
    """As `parse_spec`, with where each value comes from."""
    document = read_document(text)
    spec, problems = resolve(document, environment)
    if not is_environment(environment):
        defined = document.data.get("environments", {}) if isinstance(document.data, dict) else {}
        raise _no_environment(environment, [*defined] if isinstance(defined, dict) else [])
    if spec is None:
        raise spec_error(filename, problems)
    return Layers(document, spec)


def written_environments(path: Path) -> tuple[str, ...]:
    """The environments that the file at `path` lists, as far as it can be read; other mistakes are not looked for.

    Raises `SpecError` and `NotFound` where the file itself is at fault.
    """
    data = read_document(read_file(path)).data
    listed = data.get("environments") if isinstance(data, dict) else None
    return tuple(name for name in listed if is_environment(name)) if isinstance(listed, dict) else ()


def check_environment(environment: str) -> None:
    """Raises `NotFound` if no project can have an environment of this name."""
    if not is_environment(environment):
        raise _no_environment(environment, [])


def _no_spec(folder: Path, last: Path) -> NotFound:
    other = next(
        (name for name in ("cygni.yml", "Cygni.yaml", "cygni.json") if (folder / name).is_file()), None
    )
    hint = f"rename {shown_file(folder / other)} to {FILE_NAME}" if other else SPEC_FILE.missing
    looked = f"{folder}" if folder == last else f"{folder} and the folders above it, up to {last}"
    return NotFound(f"no {FILE_NAME} in {looked}", hint=hint, details={"folder": str(folder)})


def _broken_link(path: Path) -> NotFound:
    shown = shown_file(path)
    target = one_line(str(path.readlink()))
    return NotFound(
        f"{shown} is a link to {target}, which does not exist",
        hint="make the link point to a file, or put the file itself there",
        details={"file": shown},
    )


def _no_environment(environment: str, defined: list[str]) -> NotFound:
    meant = did_you_mean(environment, {*defined, *STANDING_ENVIRONMENTS})
    message = f"no environment {quoted(environment)}{meant}"
    names = f"{FILE_NAME} defines {', '.join(map(quoted, defined[:32]))}; " if defined else ""
    details = {"environment": environment, "defined": defined}
    return NotFound(message, hint=names + ENVIRONMENT_NAMES, details=details)


def read_file(path: Path, kind: FileKind = SPEC_FILE) -> str:
    """The text of a file of at most a megabyte; errors speak of its `kind`.

    Raises `SpecError`, and `NotFound` where there is none.
    """
    shown = shown_file(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _is_folder(path, shown, kind)
        if not stat.S_ISREG(mode):  # reading a pipe or a device might never end
            raise _not_a_file(shown, kind)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise _broken_link(path) from None
        raise NotFound(f"no file {shown}", hint=kind.missing, details={"file": shown}) from None
    except PermissionError:
        raise _unreadable(shown, "cannot be read: permission denied", "change its permissions") from None
    except (OSError, ValueError) as error:
        raise _unreadable(
            shown, f"cannot be read: {_reason(error)}", "look at the path and the disk"
        ) from None
    if len(content) > MAX_BYTES:
        raise _unreadable(shown, "is larger than 1 MiB", "is it the right file?")
    return _decoded(content, shown)


def _decoded(content: bytes, shown: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
        problem = Problem(
            position_of(before, len(before)),
            (),
            f"is not UTF-8 text: the byte 0x{content[error.start]:02X} does not fit",
            "save the file as UTF-8",
        )
        raise spec_error(shown, [problem]) from None


def _unreadable(shown: str, message: str, hint: str) -> SpecError:
    return SpecError(f"{shown}: {message}", hint=hint, details={"file": shown, "problems": []})


def _is_folder(path: Path, shown: str, kind: FileKind) -> SpecError:
    hint = f"name the file: {shown}/{kind.name}"
    if path.name == kind.name:
        hint = f"give the folder another name: {kind.name} is a file"
    return _unreadable(shown, "is a folder, not a file", hint)


def _not_a_file(shown: str, kind: FileKind) -> SpecError:
    """Of a pipe or a device, whose end might never come."""
    hint = f"write it to a file, and name {kind.named_with}: pipes and devices are not read"
    return _unreadable(shown, "is not a regular file", hint)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()


def shown_file(path: Path) -> str:
    """`path` as a person in the working folder would name it."""
    try:
        return one_line(str(path.absolute().relative_to(Path.cwd())))
    except (OSError, ValueError):
        return one_line(os.fspath(path))


def _line(filename: str, problem: Problem) -> str:
    where = f"{filename}:{problem.position.line}:{problem.position.column}"
    path = shown_path(problem.path)
    return f"{where}: " + one_line(f"{path}: {problem.message}" if path else problem.message)


def spec_error(filename: str, problems: list[Problem]) -> SpecError:
    """One error that tells of every problem of a file, with its line and column."""
    shown = problems[:_SHOWN_PROBLEMS]
    lines = [_line(filename, problem) for problem in shown]
    if len(problems) > len(shown):
        lines.append(f"and {len(problems) - len(shown)} more")
    return SpecError("\n".join(lines), hint=_hint(shown), details=_details(filename, problems))


def _hint(problems: list[Problem]) -> str | None:
    """The one hint; of several, each with the line it is about, and the column where a line has several."""
    if len(problems) == 1:
        return one_line(problems[0].hint) if problems[0].hint else None
    crowded = {line for line, count in Counter(one.position.line for one in problems).items() if count > 1}
    told: dict[str, list[Position]] = {}
    for problem in problems:
        if problem.hint:
            told.setdefault(problem.hint, []).append(problem.position)
    return "\n".join(
        one_line(f"line {', '.join(_places(places, crowded))}: {hint}") for hint, places in told.items()
    )


def _places(places: list[Position], crowded: set[int]) -> list[str]:
    """`3`, or `3:7` where line 3 has several problems."""
    found = sorted({(place.line, place.column if place.line in crowded else 0) for place in places})
    return [f"{line}:{column}" if column else f"{line}" for line, column in found]


def _details(filename: str, problems: list[Problem]) -> dict[str, object]:
    listed = [
        {
            "line": problem.position.line,
            "column": problem.position.column,
            "path": shown_path(problem.path),
            "message": one_line(problem.message),
            "hint": one_line(problem.hint) if problem.hint else None,
        }
        for problem in problems[:_LISTED_PROBLEMS]
    ]
    first = {key: listed[0][key] for key in ("line", "column", "path")}
    return {"file": filename, **first, "problems": listed}
