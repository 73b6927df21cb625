"""One operation, one process: started from a warm fork server, in a session of its own, reaped whole.

The engine, its language host and its provider plugins all live in the child's session, so that whatever
happens (a deadline, an impatient person, a killed parent) one sweep ends them all and nothing keeps calling
the cloud unseen. The child watches a control pipe: its end-of-file means the parent is gone.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import connection, current_process, forkserver, get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Protocol

import psutil

from cygni.errors import CygniError, EngineDied
from stacks.conversation import Conversation, Message
from stacks.interrupts import Interrupts, ignore_interrupts

GRACE_SECONDS = 10.0
"""How long a stopped operation may take to finish what it has in flight before it is killed."""

_PRELOADED = "stacks.runner"

_SESSION_FILE = "session"
"""In an operation's folder: the session of the child that works there."""

_SOCKET_ROOT_LIMIT = 60
"""A socket's whole path may have 104 bytes (macOS) or 108 (Linux); the names below the root take some 40."""


class Work(Protocol):
    """What runs in the child: sends messages, returns a picklable result, can be interrupted."""

    def __call__(self, payload: Any, folder: Path, send: Callable[[Any], None], stop: Stop) -> Any: ...


class Stop:
    """Passes a wish to stop on to the process that does the work.

    The first request lets the engine finish the steps in flight, the second makes it give up.
    """

    def __init__(self) -> None:
        self._engine: int | None = None
        self._lock = threading.Lock()
        self.requests = 0

    def engine_started(self, pid: int) -> None:
        with self._lock:
            self._engine = pid
            for _ in range(self.requests):
                self._signal()

    def engine_ended(self) -> None:
        with self._lock:
            self._engine = None

    def request(self) -> None:
        with self._lock:
            self.requests += 1
            self._signal()

    def _signal(self) -> None:
        if self._engine is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._engine, signal.SIGINT)


def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([_PRELOADED])
    # Where the server's socket goes; multiprocessing has no public way to say it (cpython, multiprocessing.util).
    configuration: dict[str, Any] = current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001
    if "tempdir" not in configuration:
        configuration["tempdir"] = folder = str(temporary_folder(_socket_root()))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return context


def _socket_root() -> Path:
    """The usual temporary folder, unless a socket in it would have too long a path."""
    usual = Path(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) <= _SOCKET_ROOT_LIMIT else Path("/tmp")  # noqa: S108


def temporary_folder(root: Path | None = None) -> Path:
    """A new temporary folder that tells whose it is; those of processes that were killed are swept away."""
    root = root or Path(tempfile.gettempdir())
    for left in root.glob("cygni-*-*"):
        pid = left.name.split("-")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and not _is_worked_in(left):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"cygni-{os.getpid()}-", dir=root))


def _is_worked_in(folder: Path) -> bool:
    """Whether the child whose folder it is, or anything of its session, lives: after its parent was killed its engine
    has the grace time to finish."""
    try:
        session = int((folder / _SESSION_FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True  # being written, or not ours
    return bool(_session_members(session))


def warm_up() -> None:
    """Starts the fork server, which imports the engine's SDK while the caller does something else."""
    _context()
    # The terminal's Ctrl-C goes to every process of its group; the server must outlive it, or no child could be reaped.
    # What a process ignores it ignores from its first moment, not just once the server has imported everything.
    with _ignored(signal.SIGINT):
        forkserver.ensure_running()


@contextlib.contextmanager
def _ignored(number: signal.Signals) -> Iterator[None]:
    """While the block runs, the signal is ignored; only in the main thread, which alone may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def run(
    work: Work,
    payload: Any,
    on_event: Callable[[Any], None],
    *,
    deadline: float,
    grace: float = GRACE_SECONDS,
) -> Any:
    """Runs `work` in a child and returns its result; calls `on_event` for each message, in order.

    `deadline` is in seconds from now, `grace` the seconds a stopped operation has left. One Ctrl-C asks the
    operation to stop after the steps in flight, a second one cancels it. Raises Cancelled (also if the
    operation came to its end all the same), DeadlineExceeded, EngineDied, what the child raised, or what
    `on_event` raised, once the operation has stopped.
    """
    with Interrupts() as interrupts:
        return _run(work, payload, on_event, interrupts, deadline, grace)


def _run(
    work: Work,
    payload: Any,
    on_event: Callable[[Any], None],
    interrupts: Interrupts,
    deadline: float,
    grace: float,
) -> Any:
    context = _context()
    folder = temporary_folder()
    events, child_events = context.Pipe(duplex=False)
    child_control, control = context.Pipe(duplex=False)
    try:
        process = context.Process(
            target=_child_main,
            args=(work, payload, str(folder), child_events, child_control, grace),
            daemon=False,
        )
        process.start()
        child_events.close()
        child_control.close()
        try:
            return Conversation(
                process, events, control, interrupts, folder, on_event, deadline, grace
            ).hold()
        finally:
            events.close()
            control.close()
            _end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: Any) -> None:
    """Leaves nothing of the child's session behind, however it ended."""
    session = process.pid
    process.join(timeout=1.0)
    _kill_session(session)
    process.join(timeout=GRACE_SECONDS)
    if process.exitcode is not None:
        process.close()


def _kill_session(session: int) -> None:
    """Kills every process of a session but the caller, and what those started in the meantime."""
    for _ in range(50):
        members = [pid for pid in _session_members(session) if pid != os.getpid()]
        if not members:
            return
        for pid in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _session_members(session: int) -> list[int]:
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
    return members


class _Parent:
    """The child's side of the control pipe: passes requests to stop on, and notices when the parent is gone.

    The parent's closing its end, which it does when it has heard enough, counts as gone.
    """

    def __init__(self, control: connection.Connection, stop: Stop, folder: Path, grace: float) -> None:
        self.control = control
        self.stop = stop
        self.folder = folder
        self.grace = grace
        self.gone = threading.Event()
        self.finished = threading.Event()

    def watch(self) -> None:
        while True:
            try:
                self.control.recv()
            except (EOFError, OSError):
                break
            self.stop.request()
        self.gone.set()
        # Stop as politely as the parent would have, then leave nothing behind.
        self.stop.request()
        if not self.finished.wait(self.grace):
            _leave_nothing(self.folder)
            os._exit(1)


def _leave_nothing(folder: Path) -> None:
    """The parent does the same; where it was killed there is only the child to do it."""
    _kill_session(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)


def _child_main(
    work: Work,
    payload: Any,
    folder: str,
    events: connection.Connection,
    control: connection.Connection,
    grace: float,
) -> None:
    os.setsid()
    ignore_interrupts()
    _redirect_output(Path(folder) / "child.log")
    (Path(folder) / _SESSION_FILE).write_text(str(os.getpid()), encoding="ascii")
    stop = Stop()
    parent = _Parent(control, stop, Path(folder), grace)
    threading.Thread(target=parent.watch, daemon=True).start()
    lock = threading.Lock()

    def send(message: Any) -> None:
        with lock, contextlib.suppress(OSError):  # nobody listens any more: the watcher sees to the rest
            events.send(Message("event", message))

    answer = _answer(lambda: work(payload, Path(folder), send, stop))
    with lock:
        _hand_over(answer, events)
    events.close()
    # Threads of gRPC servers may linger; there is nothing left to do for them.
    sys.stdout.flush()
    sys.stderr.flush()
    parent.gone.wait()
    parent.finished.set()
    _leave_nothing(Path(folder))
    os._exit(0)


def _answer(work: Callable[[], Any]) -> Message:
    try:
        return Message("result", work())
    except CygniError as error:
        return Message("error", error)
    except BaseException as error:  # noqa: BLE001  # the parent must hear of it, whatever it is
        traceback.print_exc()
        return Message(
            "error",
            EngineDied(
                f"something unforeseen happened in the engine's process: {type(error).__name__}: {error}",
                hint="What was finished is recorded. Report it; running the same command again continues.",
            ),
        )


def _hand_over(answer: Message, events: connection.Connection) -> None:
    with contextlib.suppress(OSError):
        try:
            events.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            events.send(Message("error", EngineDied(f"an answer that cannot be handed over: {error}")))


def _redirect_output(log: Path) -> None:
    """The child speaks over its pipe only: nothing of it may reach the terminal or the caller's stdout."""
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
