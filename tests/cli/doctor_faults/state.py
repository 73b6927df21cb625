"""Faults of the state."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cygni.doctor.sources import account
from cygni.settings import Settings
from stacks import examination
from stacks.engine_locks import locks_folder
from stacks.state import checkpoint_path
from stacks.target import state_folder
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World
from tests.engine_state import ended_pid, write_lock

STACK = "shop.staging.data"


def deployed(world: World) -> None:
    world.deploy()


def state_file() -> Path:
    return checkpoint_path(state_folder(Settings.from_environment()), STACK)


def damaged_state(world: World) -> None:
    state_file().with_name(f"{state_file().name}.bak").write_bytes(state_file().read_bytes())
    state_file().write_text('{"checkp')
    world.typed["Run cx deploy"] = lambda line: world.deploy()


def torn_note(world: World) -> None:
    Path(f"{state_file()}.attrs").write_text("{")


def dead_lock(world: World) -> None:
    write_lock(state_folder(Settings.from_environment()) / locks_folder(STACK), ended_pid())


def foreign_lock(world: World) -> None:
    folder = state_folder(Settings.from_environment()) / locks_folder(STACK)
    write_lock(folder, 4711, "far-away", datetime.now(UTC) - timedelta(days=1))


def held(world: World) -> None:
    from stacks.lock import environment_lock

    lock = environment_lock(Settings.from_environment(), "shop", "staging", wait=0, doing="cx deploy")
    lock.__enter__()

    def wait(line: str) -> None:
        lock.__exit__(None, None, None)

    world.typed["cx deploy -e staging --lock-wait 15m"] = wait


def pending(world: World) -> None:
    state = json.loads(state_file().read_text())
    latest = state["checkpoint"]["latest"]
    latest["pending_operations"] = [{"type": "updating", "resource": latest["resources"][-1]}]
    state_file().write_text(json.dumps(state))


def other_account(world: World) -> None:
    state = json.loads(state_file().read_text())
    bucket = next(one for one in state["checkpoint"]["latest"]["resources"] if "Bucket" in one["type"])
    bucket["outputs"] = {**bucket.get("outputs", {}), "arn": "arn:aws:sns:us-east-1:210987654321:topic"}
    state_file().write_text(json.dumps(state))
    world.replacing["a profile that opens 210987654321"] = "other"

    def switch(line: str) -> None:
        assert line == "export AWS_PROFILE=other"
        hello = account.Hello("arn:aws:iam::210987654321:user/deployer", "", "", None)
        world.monkeypatch.setattr(account, "_hello", lambda facts: hello)

    world.typed["export AWS_PROFILE"] = switch


SALT = "v1:8hpBCXSTQ3A=:v1:9TX4YEqOx8QZCr2i:NE6jGyjRwpEZCFPqVJ3JWQ9b1SYmpQ=="


def other_passphrase(world: World) -> None:
    state = json.loads(state_file().read_text())
    state["checkpoint"]["latest"]["secrets_providers"] = {"type": "passphrase", "state": {"salt": SALT}}
    state_file().write_text(json.dumps(state))
    kept = world.tmp / "kept"
    kept.write_text("the right one")
    world.monkeypatch.setattr(examination, "opens", lambda salt, text: text == "the right one")
    world.replacing["/path/of/the/passphrase/that/belongs/to/this/state"] = str(kept)


def passphrase_gone(world: World) -> None:
    other_passphrase(world)
    (Settings.from_environment().data_dir / "passphrase").unlink()


FAULTS = [
    Fault("state-readable", "cut off or damaged", damaged_state, deployed),
    Fault("state-readable", "a kill cut off", torn_note, deployed, id="torn"),
    Fault("locks", "dead", dead_lock, deployed),
    Fault("locks", "far-away", foreign_lock, deployed, id="foreign-lock"),
    Fault("holder", "cx deploy (pid", held, deployed, "warn"),
    Fault("pending", "in flight: 1 in shop.staging.data", pending, deployed, "warn"),
    Fault("state-account", "210987654321", other_account, deployed),
    Fault("passphrase", "does not open the state", other_passphrase, deployed),
    Fault("passphrase", "it is not there", passphrase_gone, deployed, id="passphrase-gone"),
]
