"""Settings from the environment. Nothing is read at import: call `Settings.from_environment()` once, at the edge."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from cygni.errors import UsageError
from cygni.private_file import granted_to_others
from cygni.state_place import StatePlace, state_place

AWS_PRICE_LIST = "https://pricing.us-east-1.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Cygni keeps things of its own, on this machine but for `state`; all paths are absolute.

    `data_dir` (`CYGNI_DATA_DIR`) holds what must not be lost: state, plans, the local cloud.
    `cache_dir` (`CYGNI_CACHE_DIR`) holds what can be made again: the engine.
    `local_port` (`CYGNI_LOCAL_PORT`) is the local cloud's port; None takes a free one.
    `state` (`CYGNI_STATE`) is where the engine keeps its state; None means files below `data_dir`.
    `passphrase_file` (`CYGNI_PASSPHRASE_FILE`) encrypts the secrets in it; None means one made below `data_dir`.
    `releases` (`CYGNI_RELEASES`, `on` or `off`) is whether a deploy releases services; without, it applies the stacks
    alone, and what runs stays as it is.
    `resolver` (`CYGNI_RESOLVER`, `ADDRESS` or `ADDRESS:PORT`) is asked for names by `cx doctor` and by workers of the
    control plane; None means the system's.
    `price_list` (`CYGNI_PRICE_LIST`) is where `cx prices sync` reads AWS's price list, such as a mirror of it.
    `discounts` (`CYGNI_DISCOUNTS`) is a file that says what the account pays less than list price.
    `docs` (`CYGNI_DOCS`) is where somebody serves the site that `make docs` builds; errors lead there. None means the
    pages of the repository.
    `exchange_rates` (`CYGNI_EXCHANGE_RATES`) is a file that says what a US dollar is in other currencies.
    `currency` (`CYGNI_CURRENCY`) is the one that amounts are shown in, unless a command says another.
    """

    data_dir: Path
    cache_dir: Path
    local_port: int | None = None
    state: StatePlace | None = None
    passphrase_file: Path | None = None
    releases: bool = True
    resolver: str | None = None
    price_list: str = AWS_PRICE_LIST
    discounts: Path | None = None
    docs: str | None = None
    exchange_rates: Path | None = None
    currency: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; an unset or empty variable means the platform's usual folder, or a free port.

        Raises UsageError when a variable cannot be understood.
        """
        values = os.environ if environ is None else environ
        return cls(
            data_dir=_folder(values, "CYGNI_DATA_DIR", platformdirs.user_data_path("cygni", appauthor=False)),
            cache_dir=_folder(
                values, "CYGNI_CACHE_DIR", platformdirs.user_cache_path("cygni", appauthor=False)
            ),
            local_port=_port(values.get("CYGNI_LOCAL_PORT")),
            state=state_place(values["CYGNI_STATE"]) if values.get("CYGNI_STATE") else None,
            passphrase_file=_file(values, "CYGNI_PASSPHRASE_FILE"),
            releases=_switch(values, "CYGNI_RELEASES"),
            resolver=values.get("CYGNI_RESOLVER") or None,
            price_list=_address(values, "CYGNI_PRICE_LIST") or AWS_PRICE_LIST,
            discounts=_file(values, "CYGNI_DISCOUNTS"),
            docs=_address(values, "CYGNI_DOCS") or None,
            exchange_rates=_file(values, "CYGNI_EXCHANGE_RATES"),
            currency=values.get("CYGNI_CURRENCY") or None,
        )

    def make_data_dir(self) -> Path:
        """`data_dir`, made where it is not there yet. It is for its owner alone, one that was there too: states and
        records hold what services are given in their variables.

        Raises OSError if it cannot be made.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self.data_dir.stat()
        others = granted_to_others(found)
        # Somebody else's, or one like /tmp, is not ours to close.
        if others and found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            with contextlib.suppress(OSError):  # a file system without permissions
                self.data_dir.chmod(stat.S_IMODE(found.st_mode) - others)
        return self.data_dir


def _folder(values: Mapping[str, str], variable: str, usual: Path) -> Path:
    return _file(values, variable) or usual


def _file(values: Mapping[str, str], variable: str) -> Path | None:
    chosen = values.get(variable)
    if not chosen:
        return None
    try:
        return Path(chosen).expanduser().absolute()
    except RuntimeError as error:  # `~somebody` who does not exist
        raise UsageError(
            f"{variable} is {chosen!r}, and there is no such home", hint="Give the whole path."
        ) from error


def _address(values: Mapping[str, str], variable: str) -> str:
    chosen = values.get(variable) or ""
    if chosen and not chosen.startswith(("https://", "http://")):
        raise UsageError(f"{variable} is {chosen!r}, which is no address", hint="Begin it with https://")
    if "@" in chosen.partition("://")[2].partition("/")[0]:
        raise UsageError(
            f"{variable} has a user or a password in it, which would be shown and is not used",
            hint="Name an address that asks for none.",
        )
    return chosen.rstrip("/")


def _switch(values: Mapping[str, str], variable: str) -> bool:
    chosen = values.get(variable) or "on"
    if chosen not in ("on", "off"):
        raise UsageError(f"{variable} is {chosen!r}, which says nothing", hint="Set it to on or off.")
    return chosen == "on"


def _port(chosen: str | None) -> int | None:
    if not chosen:
        return None
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 9 and 0 < int(chosen) < 65536):
        raise UsageError(
            f"CYGNI_LOCAL_PORT is {chosen!r}, which is no port", hint="set a number from 1 to 65535"
        )
    return int(chosen)
