"""One run of a command: its exit code, and its error if it has one, shown in one place."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from types import FrameType
from typing import Any, NoReturn

from typer import main as typer_main

from cli.completion import telling_what_is_edited
from cli.exit_codes import ExitCode, exit_code
from cli.github_actions import error_annotations
from cli.main import ALIASES, typer_app, wanted
from cli.streams import (
    demand_stdout,
    drop_stdout,
    drop_what_does_not_fit,
    nobody_reads,
    open_missing_streams,
    speak_plainly,
)
from cli.unforeseen import redacted
from cygni.error_catalogue import SELF_EVIDENT, reference
from cygni.errors import Cancelled, CygniError, UsageError
from cygni.settings import Settings


def invoke(arguments: list[str], show: Callable[..., None] | None = None) -> int:
    """Runs the command and returns its exit code. An error is one message and one hint on stderr; with `--json` it is
    one object on stdout; with `--debug` the traceback comes first. `show` takes the place of `show_error`."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    open_missing_streams()
    drop_what_does_not_fit()
    speak_plainly(os.environ)
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    debug = "--debug" in own or os.environ.get("CX_DEBUG") == "1"
    as_json = "--json" in own
    raised: BaseException
    failure: CygniError
    try:
        if as_json:
            demand_stdout()
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except CygniError as error:
        raised, failure = error, error
    except KeyboardInterrupt as error:
        raised, failure = error, Cancelled("interrupted", details={"interrupted": True})
    except OSError as error:
        if isinstance(error, BrokenPipeError) and nobody_reads():
            return ExitCode.GENERIC
        raised, failure = error, system_error(error)
    except Exception as error:  # noqa: BLE001  # shown as one error, never a traceback
        raised, failure = error, _unforeseen(error)
    return _shown(raised, failure, show or show_error, debug=debug, as_json=as_json)


def _shown(
    raised: BaseException, failure: CygniError, show: Callable[..., None], *, debug: bool, as_json: bool
) -> int:
    try:
        if debug:
            print(redacted("".join(traceback.format_exception(raised))), end="", file=sys.stderr)
            _show_details(failure)
        show(failure, as_json=as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
    except OSError:  # stdout takes nothing, as on a full device: the person at stderr still hears of it
        drop_stdout()
        if as_json:
            show(failure, as_json=False)
    return exit_code(failure)


def _unforeseen(error: Exception) -> CygniError:
    return CygniError(
        redacted(f"something unforeseen happened: {type(error).__name__}: {error}"),
        hint="Run again with --debug to see where, and report it with what cx feedback writes.",
    )


def _run(arguments: list[str]) -> int:
    arguments = [ALIASES.get(argument, argument) for argument in arguments[:1]] + arguments[1:]
    completing = "_CX_COMPLETE" in os.environ
    command = typer_main.get_command(typer_app(None if completing else wanted(arguments)))
    installing = telling_what_is_edited if "--install-completion" in arguments[:1] else nullcontext
    try:
        with installing():
            result = command.main(args=arguments, prog_name="cx", standalone_mode=False)
    except Exception as error:
        if type(error).__name__ == "Abort":
            raise Cancelled("nothing was changed") from None
        format_message = getattr(error, "format_message", None)
        if format_message is None:
            raise
        raise UsageError(
            _needs_command(error) or format_message(), hint=_usage_hint(error, arguments)
        ) from None
    if result == ExitCode.INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
        raise KeyboardInterrupt
    return result if isinstance(result, int) else ExitCode.OK


def _needs_command(error: Exception) -> str | None:
    """For a group that is called without a command, whose own message is the whole help."""
    if type(error).__name__ != "NoArgsIsHelpError":
        return None
    context: Any = getattr(error, "ctx", None)
    return f"{context.command_path} needs a command: {', '.join(context.command.commands)}"


def _usage_hint(error: Exception, arguments: list[str]) -> str:
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", None) or " ".join(["cx", wanted(arguments) or ""]).rstrip()
    return f"See: {path} --help"


def show_error(error: CygniError, *, as_json: bool) -> None:
    """One error: an object on stdout for programs, message and hint on stderr for people, and in a job of GitHub
    Actions at its line besides."""
    _show(error, as_json=as_json)
    for line in error_annotations(error, os.environ):
        print(line, file=sys.stderr)


def _show(error: CygniError, *, as_json: bool) -> None:
    if as_json:
        body = {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "docs": reference(error.code, _site()),
            "details": error.details,
        }
        print(json.dumps({"error": body}, default=str))
        return
    first, *more = error.message.splitlines() or [""]
    label = "stopped" if isinstance(error, Cancelled) else "error"
    print(f"{label}: {first}", *(f"       {line}" for line in more), sep="\n", file=sys.stderr)
    for line in error.details.get("lines") or ():
        print(f"  | {line}", file=sys.stderr)
    if error.hint:
        print("hint:  " + error.hint.replace("\n", "\n       "), file=sys.stderr)
    if error.code not in SELF_EVIDENT:
        site = _site()
        print(
            f"more:  {reference(error.code, site) if site else f'cx explain {error.code}'}", file=sys.stderr
        )


def _site() -> str | None:
    """Where the documentation is served; an error of the settings themselves is shown without it."""
    try:
        return Settings.from_environment().docs
    except CygniError:
        return None


def _show_details(error: CygniError) -> None:
    """What the engine and its provider said themselves."""
    for name in ("output", "log"):
        said = error.details.get(name)
        if said:
            print(said if isinstance(said, str) else "\n".join(said), file=sys.stderr)


def system_error(error: OSError) -> CygniError:
    """What the operating system refused, in its own words."""
    where = f": {error.filename}" if error.filename else ""
    hint = "Free some space and run the same command again." if error.errno == 28 else None
    return CygniError(f"{error.strerror or redacted(str(error))}{where}", hint=hint)


def _as_interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
