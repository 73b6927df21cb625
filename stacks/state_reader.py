"""Reading the state of stacks where nothing is to be deployed: without a cloud, and mostly without the engine."""

from __future__ import annotations

from collections.abc import Callable

from cygni.settings import Settings
from stacks.engine_places import Engine
from stacks.operations import StackRunner
from stacks.state import StackState, look, look_in_folder, look_in_store, stacks_folder
from stacks.state_store import StateStore, store_at
from stacks.target import AWS, cloud_variables, engine_settings, place_of_state

Look = Callable[[str], StackState]
"""From the name of a stack to its state; raises StateError."""


def state_reader(
    settings: Settings, environment: str, region: str, engine: Callable[[], tuple[Engine, StackRunner]]
) -> Look:
    """How to look at the stacks of an environment. `engine` is asked only where nobody but the engine can tell:
    in Pulumi Cloud."""
    folder = place_of_state(settings).folder
    if folder is not None:
        return lambda stack: look_in_folder(folder, stack)
    store = environment_store(settings, environment, region)
    if store is not None:
        return lambda stack: look_in_store(store, stack)
    found, runner = engine()
    asked = engine_settings(settings, found, environment, region)
    return lambda stack: look(runner, asked, stack)


def stacks_in_state(settings: Settings, region: str) -> list[str]:
    """The names of all stacks in the state, of every project; none where nobody shows its files. Raises StateError."""
    folder = place_of_state(settings).folder
    if folder is not None:
        files = [file.name for file in (folder / stacks_folder()).glob("*.json")]
    else:
        store = environment_store(settings, AWS, region)
        keys = store.keys(stacks_folder()) if store is not None else []
        files = [key.rpartition("/")[2] for key in keys]
    return sorted(file.removesuffix(".json") for file in files if file.endswith(".json"))


def environment_store(settings: Settings, environment: str, region: str) -> StateStore | None:
    """The files of the state of an environment, None where they are in a folder or nobody shows them."""
    return store_at(place_of_state(settings), cloud_variables(environment, local_endpoint(settings), region))


def local_endpoint(settings: Settings) -> str:
    """The local cloud's, if it runs."""
    from cygni.errors import LocalCloudError
    from cygni.local_cloud import process

    try:
        running = process.status(settings)
    except LocalCloudError:
        return ""
    return running.endpoint if running is not None else ""
