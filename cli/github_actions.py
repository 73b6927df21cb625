"""What a job of GitHub Actions shows beside its log: errors at their lines, and its summary.

Workflow commands go to stderr, which the runner reads as it reads stdout: stdout is for data. See
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from cygni.errors import Cancelled, CygniError

if TYPE_CHECKING:
    from cygni.plan.model import Plan

_MOST: Final = 10
"""Annotations of one kind that GitHub shows of a step."""
_SUMMARY: Final = 1024 * 1024
"""Bytes that a step may write into its summary; what is longer is not shown at all."""


def error_annotations(error: CygniError, environ: Mapping[str, str]) -> list[str]:
    """The workflow commands that show an error: one, or one for each problem of a file, at its line. None outside of
    GitHub Actions, and for what a person stopped."""
    if environ.get("GITHUB_ACTIONS") != "true" or isinstance(error, Cancelled):
        return []
    title = f"Cygni: {error.code}"
    file = _in_workspace(str(error.details.get("file") or ""), environ.get("GITHUB_WORKSPACE", ""))
    problems = error.details.get("problems") or ()
    if not file or not problems:
        return [annotation("error", _with_hint(error.message, error.hint), title=title, file=file)]
    return [
        annotation(
            "error",
            _with_hint(": ".join(part for part in (one["path"], one["message"]) if part), one["hint"]),
            title=title,
            file=file,
            line=one["line"],
            col=one["column"],
        )
        for one in problems[:_MOST]
    ]


def warning(message: str, hint: str | None, environ: Mapping[str, str]) -> list[str]:
    """The workflow command that shows a warning; none outside of GitHub Actions."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return []
    return [annotation("warning", _with_hint(message, hint), title="Cygni")]


def annotation(level: Literal["error", "warning"], message: str, **properties: str | int) -> str:
    """One workflow command, of one line, whatever is in it; empty properties are left out."""
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    return f"::{level} {told}::{_data(message)}"


def add_to_summary(text: str, environ: Mapping[str, str]) -> None:
    """Adds Markdown to the summary of the job's step, where there is one: it takes no part in what a command does."""
    file = environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    path, content = Path(file), f"{text.rstrip()}\n\n".encode()
    with contextlib.suppress(OSError):
        there = path.stat().st_size if path.exists() else 0
        if there + len(content) <= _SUMMARY:
            with path.open("ab") as summary:
                summary.write(content)


def add_plan_to_summary(plan: Plan, environ: Mapping[str, str], refused: CygniError | None = None) -> None:
    """Adds a plan to the summary of the job's step. `refused` is what keeps a deploy from applying it."""
    if environ.get("GITHUB_STEP_SUMMARY"):
        from cygni.plan.markdown import plan_markdown

        add_to_summary(plan_markdown(plan, refused=refused), environ)


def _in_workspace(file: str, workspace: str) -> str:
    """`file`, of the working folder, as it is named from the top of the repository; empty where it is not in it."""
    if not file or not workspace:
        return ""
    try:
        return Path(file).resolve().relative_to(Path(workspace).resolve()).as_posix()
    except (OSError, ValueError):
        return ""


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message}\n{hint}" if hint else message


def _data(text: str) -> str:
    return _replaced(text, {"%": "%25", "\r": "%0D", "\n": "%0A"})


def _property(text: str) -> str:
    return _replaced(_data(text), {":": "%3A", ",": "%2C"})


def _replaced(text: str, signs: Mapping[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
