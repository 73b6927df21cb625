"""What `cx doctor --fix` does."""

from __future__ import annotations

import stat
from typing import Any

from cygni.doctor.check import Repair
from cygni.errors import UsageError
from cygni.naming import Part, stack_name
from cygni.private_file import granted_to_others
from stacks import engine as engines
from stacks.examination import Examined
from stacks.lock import environment_lock
from stacks.started_engines import witness
from stacks.state import StackState
from stacks.state_reader import state_reader
from stacks.target import place_of_state
from stacks.unlocking import found_locks, remove


def repair(examined: Examined, wanted: Repair) -> None:
    """Does what a check says `--fix` may do. Raises CygniError, OSError."""
    settings = examined.settings
    if wanted is Repair.INSTALL_ENGINE:
        engines.find(settings)
    elif wanted is Repair.CLOSE_DATA_FOLDER:
        found = settings.data_dir.stat()
        settings.data_dir.chmod(stat.S_IMODE(found.st_mode) & ~granted_to_others(found) | stat.S_IRWXU)
    elif wanted is Repair.REMOVE_TORN_NOTES:
        for state in _states(examined):
            for note in state.torn:
                note.unlink(missing_ok=True)
    elif wanted is Repair.REMOVE_DEAD_LOCKS:
        _remove_dead_locks(examined)


def _states(examined: Examined) -> list[StackState]:
    spec, _ = examined.spec()
    look = state_reader(examined.settings, examined.name, spec.region, _no_engine)
    return [look(stack_name(spec.project, examined.name, part)) for part in Part]


def _remove_dead_locks(examined: Examined) -> None:
    spec, _ = examined.spec()
    settings, name = examined.settings, examined.name
    stacks = [stack_name(spec.project, name, part) for part in Part]
    look = state_reader(settings, name, spec.region, _no_engine)
    # Held meanwhile, so that no deploy begins that would take what is removed for its own.
    with environment_lock(settings, spec.project, name, wait=0, doing="cx doctor --fix"):
        found = found_locks(look, stacks, witness(settings.data_dir, place_of_state(settings).folder))
        remove(settings, name, spec.region, [one for one in found if one.is_dead])


def _no_engine() -> Any:
    raise UsageError("the locks and files of a service are its own", hint="Look there who is at work.")
