"""stdin, stdout and stderr as they may be: missing, closed at the other end, or in an encoding that lacks signs."""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TextIO


def open_missing_streams() -> None:
    """A daemon may start us without stdin, stdout or stderr: then Python has None in their place.

    What is only for people is dropped; see `NoStdout` for the rest. Programs that we start get them too.
    """
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(_nowhere(), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = NoStdout(_nowhere(), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(_nowhere(), encoding="utf-8", write_through=True)


def drop_what_does_not_fit() -> None:
    """What is for people on stderr is dropped where its device is full, as if it led to /dev/null: a log without
    room must not stop a deploy, nor make one that succeeded look failed."""
    former = sys.stderr
    if former is not sys.__stderr__ or former is None:  # somebody put their own in its place
        return
    buffer = getattr(former, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # PYTHONUNBUFFERED leaves out what is between
    if type(raw) is not io.FileIO:
        return
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Spilling(raw.fileno(), "w", closefd=False)),
        encoding=former.encoding,
        errors=former.errors,
        line_buffering=True,
    )


def drop_stdout() -> None:
    """What stdout could not take is dropped, or Python would complain of it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Spilling(io.FileIO):
    """A file that loses what it has no room for."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            return memoryview(data).nbytes


def _nowhere() -> BinaryIO:
    opened = Path(os.devnull).open("r+b", buffering=0)  # noqa: SIM115  # until we end
    os.set_inheritable(opened.fileno(), True)
    return opened


def demand_stdout() -> None:
    """Raises OSError where there is no stdout, before anything is done whose answer could not be given."""
    if isinstance(sys.stdout, NoStdout):
        sys.stdout.write("")


class NoStdout(io.TextIOWrapper):
    """Stands where there is no stdout, and in its descriptor, so that nothing else that is opened gets it."""

    def write(self, text: str) -> NoReturn:
        raise OSError(errno.EBADF, "stdout is closed, and the answer goes there")


def speak_plainly(environ: Mapping[str, str]) -> None:
    """Where stderr or stdout has no encoding for a sign, the nearest ASCII stands for it. Who asks for the locale C
    gets none but ASCII on stderr; Python itself would write UTF-8 all the same."""
    codecs.register_error(_PLAIN, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors=_PLAIN)
    if asks_for_ascii(environ) and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="ascii", errors=_PLAIN)


def asks_for_ascii(environ: Mapping[str, str]) -> bool:
    """Whether the locale is C, and somebody chose it: LC_ALL, or LANG with no other LC_CTYPE.

    Python turns LC_CTYPE into C.UTF-8 for such a LANG (PEP 538). Where nothing is set, as in most containers, the
    terminal at the other end mostly does have UTF-8.
    """
    plain = ("C", "POSIX")
    if environ.get("LC_ALL"):
        return environ["LC_ALL"] in plain
    return environ.get("LANG") in plain and environ.get("LC_CTYPE", "C.UTF-8") in ("", "C.UTF-8", *plain)


_PLAIN = "cygni-plain"
_ASCII = str.maketrans(
    {"·": "-", "→": "->", "±": "+/-", "×": "x", "…": "...", "✓": "+", "✗": "x", "─": "-", "━": "-"}
)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_ASCII)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


def nobody_reads() -> bool:
    """Whether stdout or stderr leads nowhere any more; what is left in it is dropped, or Python would complain
    when it ends."""
    broken = [stream for stream in (sys.stdout, sys.stderr) if _is_broken(stream)]
    for stream in broken:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return bool(broken)


def _is_broken(stream: TextIO) -> bool:
    try:
        stream.flush()
        asked = select.poll()
        asked.register(stream.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))
    except BrokenPipeError:
        return True
    except (OSError, ValueError):  # it is no file
        return False
