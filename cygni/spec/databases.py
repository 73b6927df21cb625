"""The `databases` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

from cygni.spec.section import Finding, Section, Text
from cygni.spec.store_fields import (
    DailyWindow,
    WeeklyWindow,
    backup_window,
    final_snapshot,
    maintenance_window,
)
from cygni.wording import quoted

# RDS User Guide (PostgreSQL versions): majors that RDS and Aurora both offer.
PostgresVersion = Annotated[
    str, Text(r"1[4-7](\.[0-9]{1,2})?", 'a version of PostgreSQL from 14 to 17, quoted: "17" or "16.4"', 5, 2)
]
InstanceClass = Annotated[
    str,
    Text(
        r"db\.([a-z][a-z0-9-]*\.[a-z0-9]+|serverless)",
        "an RDS instance class: db.t4g.micro, db.m6g.large",
        32,
    ),
]
DatabaseName = Annotated[
    str, Text(r"[a-z][a-z0-9_]*", "1 to 63 lower-case letters, digits and `_`, starting with a letter", 63)
]
_LARGEST_STORAGE: Final = 65536  # GiB (RDS User Guide, gp3)
_SMALLEST_GROWTH: Final = 1.1
"""RDS User Guide (storage autoscaling): the limit is at least a tenth above the size."""
SERVERLESS: Final = "db.serverless"


class Engine(StrEnum):
    """What a database runs on."""

    POSTGRES = "postgres"
    AURORA_POSTGRES = "aurora-postgres"


class Database(Section):
    """A PostgreSQL database: encrypted, reached from the services alone, its password kept and renewed by AWS."""

    engine: Engine = Field(
        default=Engine.POSTGRES,
        strict=False,
        description=(
            "`postgres` is RDS for PostgreSQL, on one instance (two with `multi_az`). `aurora-postgres` is Aurora, "
            "whose storage grows by itself and lies in three zones; by default serverless, billed by what it uses. "
            "Changing it makes a new database, without the data."
        ),
        examples=["aurora-postgres"],
    )
    version: PostgresVersion = Field(
        default="17",
        description=(
            "Version of PostgreSQL, quoted. With the major version alone AWS chooses the minor one. A higher one "
            "upgrades the database in place, with an outage of minutes; there is no way back but a backup."
        ),
        examples=["16", "16.4"],
    )
    database: DatabaseName = Field(
        default="app",
        description="Name of the database in it. Changing it makes a new one, without the data.",
        examples=["shop"],
    )
    default: bool = Field(
        default=False,
        description=(
            "Whether PGHOST and its like, which PostgreSQL's clients and drivers read, name this database. Where there "
            "is only one, they do anyway."
        ),
        examples=[True],
    )
    instance_class: InstanceClass | None = Field(
        default=None,
        description=(
            "RDS instance class; `db.t4g.micro` unless written (11.68 USD a month in us-east-1), and of "
            "`aurora-postgres` always `db.serverless` unless written. Changing it restarts the database."
        ),
        examples=["db.t4g.medium"],
    )
    storage: int = Field(
        default=20,
        ge=20,
        le=_LARGEST_STORAGE,
        description="GiB of gp3 storage (0.115 USD a month each in us-east-1). It grows, and never shrinks.",
        examples=[100],
    )
    max_storage: int = Field(
        default=0,
        ge=0,
        le=_LARGEST_STORAGE,
        description=(
            "GiB up to which the storage grows by itself when it is nearly full; at least a tenth above `storage`. 0: "
            "it does not grow."
        ),
        examples=[500],
    )
    multi_az: bool = Field(
        default=False,
        description=(
            "A second instance in another zone, which takes over within minutes when the first fails; twice the price."
        ),
        examples=[True],
    )
    replicas: int = Field(
        default=0,
        ge=0,
        le=15,
        description=(
            "Read replicas: each costs as much as the database itself. Those of `aurora-postgres` also take over when "
            "the writer fails."
        ),
        examples=[1],
    )
    min_capacity: float = Field(
        default=0,
        ge=0,
        le=256,
        multiple_of=0.5,
        allow_inf_nan=False,
        description=(
            "Least capacity of a serverless instance, in ACU (2 GiB of memory and the processors for it; 0.12 USD an "
            "hour in us-east-1). At 0 it pauses when nobody is connected, and takes some 15 seconds to answer again."
        ),
        examples=[0.5, 2],
    )
    max_capacity: float = Field(
        default=2,
        ge=1,
        le=256,
        multiple_of=0.5,
        allow_inf_nan=False,
        description="Most capacity of a serverless instance, in ACU.",
        examples=[16],
    )
    backup_retention: int = Field(
        default=1,
        ge=1,
        le=35,
        description=(
            "Days the backups are kept; the database can be had back as it was at any second within them. Backups cost "
            "nothing up to the size of the storage."
        ),
        examples=[14],
    )
    backup_window: DailyWindow = backup_window()
    maintenance_window: WeeklyWindow = maintenance_window()
    deletion_protection: bool = Field(
        default=False,
        description="AWS refuses to delete it until this is false and deployed. `--allow-destroy` is needed besides.",
        examples=[True],
    )
    final_snapshot: bool = final_snapshot("database")
    performance_insights: bool = Field(
        default=False,
        description="Keep for seven days which queries took the time. It costs nothing.",
        examples=[True],
    )
    password_rotation: int = Field(
        default=90,
        ge=1,
        le=1000,
        description=(
            "Days after which AWS renews the password. A task has the password that was good when it started: deploy "
            "after a renewal, which gives the services new tasks, or let the program read the secret "
            "DATABASE_NAME_SECRET_ARN again when it is refused."
        ),
        examples=[30],
    )

    @property
    def class_name(self) -> str:
        """The instance class that is written, or the engine's smallest."""
        smallest = SERVERLESS if self.engine is Engine.AURORA_POSTGRES else "db.t4g.micro"
        return self.instance_class or smallest

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        aurora = data.get("engine") == Engine.AURORA_POSTGRES
        for name in _OF_POSTGRES if aurora else _OF_AURORA:
            if name in data:
                other = Engine.POSTGRES if aurora else Engine.AURORA_POSTGRES
                hint = f"remove it, or write `engine: {other}`"
                yield Finding((name,), f"{quoted(name)} is of {other} only", hint, at_key=True)
        if data.get("instance_class") == SERVERLESS and not aurora:
            hint = "choose another class, or write `engine: aurora-postgres`"
            yield Finding(("instance_class",), "db.serverless is of aurora-postgres only", hint)
        yield from _wrong_limits(data)


_OF_POSTGRES: Final = ("storage", "max_storage", "multi_az")
_OF_AURORA: Final = ("min_capacity", "max_capacity")


def _wrong_limits(data: Mapping[str, Any]) -> Iterable[Finding]:
    size, most = data.get("storage", 20), data.get("max_storage", 0)
    if type(size) is int and type(most) is int and 0 < most < size * _SMALLEST_GROWTH:
        hint = f"use {int(size * _SMALLEST_GROWTH) + 1} or more, or 0 so that it does not grow"
        yield Finding(("max_storage",), f"{most} GiB is not a tenth above `storage`", hint, (("storage",),))
    least, top = data.get("min_capacity", 0), data.get("max_capacity", 2)
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (least, top))
    if numbers and top < least:
        hint = f"use {least:g} or more"
        yield Finding(("max_capacity",), f"{top:g} is below `min_capacity`", hint, (("min_capacity",),))


def default_database(databases: Mapping[str, Database]) -> str:
    """The name of the database that PGHOST and its like name; empty when there is none."""
    marked = [name for name, one in databases.items() if one.default]
    if len(databases) == 1:
        marked = [*databases]
    return marked[0] if marked else ""


def wrong_defaults(databases: Mapping[Any, Any]) -> Iterable[Finding]:
    """Several databases need one of them to be the default, or a second one would take PGHOST from what runs."""
    written = {name: one if isinstance(one, Mapping) else {} for name, one in databases.items()}
    marked = [name for name, one in written.items() if one.get("default") is True]
    if len(written) > 1 and not marked:
        hint = f"write `default: true` in one of them, {quoted(next(iter(written)))} perhaps"
        yield Finding(("databases",), "several databases, and none of them is the default", hint)
    for name in marked[1:]:
        path = ("databases", name, "default")
        yield Finding(path, f"{quoted(marked[0])} is the default already", "keep one of them")


def replica_findings(databases: Mapping[Any, Any]) -> Iterable[Finding]:
    """A replica is called by its database and a number, and nothing else can be."""
    for name, one in databases.items():
        count = (
            one.get("replicas")
            if isinstance(one, Mapping) and one.get("engine") != Engine.AURORA_POSTGRES
            else 0
        )
        for number in range(1, (count if isinstance(count, int) else 0) + 1):
            replica = f"{name}-replica-{number}"
            if replica in databases:
                message = f"{quoted(replica)} is what a replica of {quoted(name)} is called"
                related = (("databases", name, "replicas"),)
                yield Finding(("databases", replica), message, "give it another name", related, at_key=True)
