"""`cx dev`: the project on this machine, kept as its files are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.options import AllowDestroy, App, Debug

if TYPE_CHECKING:
    from rich.console import Console

    from cli.dev_cycle import Cycle

EXAMPLES = ("cx dev", "cx dev --app examples/shop", "cx dev --allow-destroy main")
_QUIET_MILLISECONDS: Final = 50
"""How long no file must change before a look is taken: an editor saves, and a formatter saves again."""
_MOST_MILLISECONDS: Final = 500
_IDLE_MILLISECONDS: Final = 250
"""How long without a change until the first look is taken all the same."""


def dev(app: App = None, allow_destroy: AllowDestroy = None, debug: Debug = False) -> None:
    """Deploy to the local cloud without asking, show what the services write, and release again what changes."""
    from cli.dev_cycle import Cycle
    from cli.dev_logs import following
    from cli.session import spec_file
    from cli.terminal import console

    people, file = console(), spec_file(app).resolve()
    cycle = Cycle(people, file, allow_destroy or (), debug=debug)
    try:
        with following(people, cycle.logged):
            cycle.deploy()
            while True:
                _watch(people, cycle, file)
    except KeyboardInterrupt:
        people.print(cycle.farewell(), markup=False, soft_wrap=True)


def _watch(people: Console, cycle: Cycle, file: Path) -> None:
    """Until other folders are to be watched."""
    watched = cycle.watched
    for changed in _changes(watched.roots, cycle):
        cycle.look(changed)
        if cycle.watched.roots != watched.roots:
            return


def _changes(roots: tuple[Path, ...], cycle: Cycle) -> Iterator[tuple[Path, ...]]:
    """The files that have changed, again and again. Once also none, soon after the watch has begun: some may have
    changed while nobody looked, and a look before it would miss what changes between the two."""
    import watchfiles

    found = watchfiles.watch(
        *roots,
        watch_filter=lambda change, path: cycle.watched.wants(Path(path)),
        debounce=_MOST_MILLISECONDS,
        step=_QUIET_MILLISECONDS,
        rust_timeout=_IDLE_MILLISECONDS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    looked = False
    for changes in found:
        if changes or not looked:
            looked = True
            yield tuple(Path(path) for _, path in changes)
    raise KeyboardInterrupt


command = dev
