"""RDS: instances of every engine with their storage, backups, insights and support; proxies; snapshots."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Gap, Quantity, by_usage, fixed
from cygni.pricing.estimators import secrets_manager
from cygni.pricing.estimators.rds_sizes import SUPPORTED_LONGER, extended_support, family, vcpus
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    beyond,
    choice,
    constant,
    derived,
    every,
    flag,
    is_one_of,
    is_set,
    negated,
    surely,
    text,
    through,
    times,
    units,
    unknown,
    whole,
)

INSTANCE: Final = "aws:rds/instance:Instance"
_SERVICE: Final = "AmazonRDS"
_OPEN: Final = ("postgres", "mysql", "mariadb")
# Included with a gp3 volume, and with a large one, which is striped over four: docs.aws.amazon.com/AmazonRDS, gp3
# storage. Of Oracle 200 GB are large, of SQL Server no size is.
_GP3_IOPS: Final = Decimal(3000)
_LARGE_GP3_IOPS: Final = Decimal(12000)
_GP3_THROUGHPUT: Final = Decimal(125)  # MiB/s
_LARGE_GP3_THROUGHPUT: Final = Decimal(500)
_LARGE_GP3: Final = Decimal(400)  # GB
_LARGE_GP3_ORACLE: Final = Decimal(200)

_FREE_DAYS: Final = 7  # of Performance Insights: aws.amazon.com/rds/performance-insights/pricing
_IS_REPLICA: Final = is_set("replicateSourceDb")


def _of_source(reading: Reading[str]) -> Reading[str]:
    return through("replicateSourceDb", INSTANCE, reading)


_ENGINE: Final = choice(
    every(_IS_REPLICA, negated(is_set("engine"))), _of_source(text("engine")), text("engine")
)
_VERSION: Final = choice(
    every(_IS_REPLICA, negated(is_set("engineVersion"))),
    _of_source(text("engineVersion", "")),
    text("engineVersion", ""),
)
_CLASS: Final = text("instanceClass")
_ZONES: Final = choice(flag("multiAz"), constant("Multi-AZ"), constant("Single-AZ"))
_OWN_SIZE: Final = whole("allocatedStorage")
_SIZE: Final = choice(_IS_REPLICA, through("replicateSourceDb", INSTANCE, _OWN_SIZE, _OWN_SIZE), _OWN_SIZE)
_KIND: Final = choice(
    is_set("storageType"), text("storageType"), choice(is_set("iops"), constant("io1"), constant("gp2"))
)
_VCPUS: Final = derived(_CLASS, vcpus)
_BURSTABLE: Final = is_one_of(derived(_CLASS, family), "t3", "t4g")
_IS_OPEN: Final = is_one_of(_ENGINE, *_OPEN)
_COMMERCIAL: Final = surely(negated(_IS_OPEN))


def _license(subject: Subject) -> str | Gap:
    """Commercial engines come with a license, or with your own."""
    said, engine = text("licenseModel", "")(subject), _ENGINE(subject)
    if isinstance(said, Gap) or isinstance(engine, Gap) or said:
        return engine if isinstance(engine, Gap) else said
    if engine.startswith("sqlserver"):
        return "license-included"
    return (
        "bring-your-own-license"
        if engine.startswith(("oracle-ee", "db2"))
        else Gap("licenseModel is not set")
    )


def _is_large(subject: Subject) -> bool | Gap:
    """Whether a gp3 volume is striped, and so includes more."""
    engine, size = _ENGINE(subject), _SIZE(subject)
    if isinstance(engine, Gap):
        return engine
    if isinstance(size, Gap):
        return size
    if engine.startswith("sqlserver"):
        return False
    return size >= (_LARGE_GP3_ORACLE if engine.startswith("oracle") else _LARGE_GP3)


_INCLUDED_IOPS: Final = choice(_is_large, constant(_LARGE_GP3_IOPS), constant(_GP3_IOPS))
_INCLUDED_THROUGHPUT: Final = choice(_is_large, constant(_LARGE_GP3_THROUGHPUT), constant(_GP3_THROUGHPUT))


def insights(service: str, vcpu: Reading[Decimal]) -> Part:
    """Performance Insights kept for more than the seven days that cost nothing."""
    days = whole("performanceInsightsRetentionPeriod", 7)
    return Part(
        fixed("Performance Insights, {days} days", service, "performance-insights", "vCPU-month"),
        vcpu,
        by={"days": derived(days, str)},
        when=every(flag("performanceInsightsEnabled"), derived(days, lambda found: found > _FREE_DAYS)),
    )


_HOURS: Final = fixed(
    "instance {instance_class}, {deployment}", _SERVICE, "instance", "hour", purchase="on-demand"
)
_STORAGE: Final = fixed("{storage_type} storage, {deployment}", _SERVICE, "storage", "GB-month")
_IOPS: Final = fixed("{storage_type} IOPS, {deployment}", _SERVICE, "iops", "IOPS-month")
_THROUGHPUT: Final = fixed("{storage_type} throughput, {deployment}", _SERVICE, "throughput", "MiBps-month")
_REQUESTS: Final = by_usage(
    "I/O requests", _SERVICE, "io-requests", "request", "ebs_requests", storage_type="standard"
)
BACKUP: Final = by_usage(
    "backups beyond the storage", _SERVICE, "backup", "GB-month", "db_backup_gb", engine="non-aurora"
)
_CREDITS: Final = by_usage("CPU credits", _SERVICE, "cpu-credits", "vCPU-hour", "surplus_vcpus")
_ADVANCED: Final = fixed("Database Insights, advanced", _SERVICE, "database-insights", "vCPU-hour")
SUPPORT: Final = fixed("extended support, year {year}", _SERVICE, "extended-support", "vCPU-hour")
_SUPPORT_YEAR: Final = extended_support(_ENGINE, _VERSION)
_ASKED_IOPS: Final = every(is_set("iops"), surely(is_one_of(_KIND, "gp3", "io1", "io2")))
_DETAILS: Final = {"deployment": _ZONES, "storage_type": _KIND}

# The password that RDS manages is a secret.
PASSWORD: Final = (
    Part(secrets_manager.SECRET, when=flag("manageMasterUserPassword")),
    Part(secrets_manager.REQUESTS, when=flag("manageMasterUserPassword")),
)

_HOURS_OF: Final = {"instance_class": _CLASS, "deployment": _ZONES, "engine": _ENGINE}
_PARTS: Final = (
    Part(_HOURS, by=_HOURS_OF, when=_IS_OPEN),
    Part(
        _HOURS,
        by={**_HOURS_OF, "license_model": _license},
        when=_COMMERCIAL,
    ),
    Part(_CREDITS, by={"family": derived(_CLASS, family)}, when=surely(_BURSTABLE)),
    Part(_STORAGE, _SIZE, by=_DETAILS),
    Part(
        _IOPS,
        choice(is_one_of(_KIND, "gp3"), beyond(whole("iops"), _INCLUDED_IOPS), whole("iops")),
        by=_DETAILS,
        when=_ASKED_IOPS,
    ),
    Part(
        _THROUGHPUT,
        beyond(whole("storageThroughput"), _INCLUDED_THROUGHPUT),
        by=_DETAILS,
        when=is_set("storageThroughput"),
    ),
    Part(_REQUESTS, when=surely(is_one_of(_KIND, "standard"))),
    insights(_SERVICE, _VCPUS),
    Part(_ADVANCED, _VCPUS, when=is_one_of(text("databaseInsightsMode", ""), "advanced")),
    Part(
        SUPPORT,
        times(_VCPUS, choice(flag("multiAz"), units(2), units(1))),
        by={"engine": _ENGINE, "year": _SUPPORT_YEAR},
        when=every(SUPPORTED_LONGER, negated(is_one_of(_SUPPORT_YEAR, "none"))),
        note="its version is past standard support",
    ),
    Part(BACKUP, when=every(negated(_IS_REPLICA), derived(whole("backupRetentionPeriod", 0), bool))),
    *PASSWORD,
)


def _proxied(subject: Subject) -> Quantity:
    """The vCPU of the databases behind a proxy, two at least of each."""
    urn, found = subject.resource.urn, Decimal(0)
    for target in subject.resources.users_of(urn):
        if target.type != "aws:rds/proxyTarget:ProxyTarget":
            continue
        database = subject.resources.referred(target, "dbInstanceIdentifier", INSTANCE)
        if database is None:
            return Gap("what is behind it is outside the estimate, or a cluster")
        of_one = derived(_CLASS, vcpus)(subject.at(database))
        if isinstance(of_one, Gap):
            return of_one
        found += max(of_one, Decimal(2))  # at least 2 vCPU each: aws.amazon.com/rds/proxy/pricing
    return found or Gap("no target of it is in the estimate")


ESTIMATORS: Final = (
    priced(
        INSTANCE,
        parts=_PARTS,
        notes=(
            "Every engine and class that the book holds has a price; a Multi-AZ price is never made by doubling.",
            "Storage is gp2, or io1 with `iops`, unless said otherwise; it may grow by itself, which costs more.",
            "gp3 includes 3,000 IOPS and 125 MiB/s; 12,000 and 500 from 400 GB on, of Oracle from 200 GB on.",
            "Of SQL Server it includes 3,000 and 125 at any size.",
            "Backups cost nothing up to the size of the storage; `db_backup_gb` is what goes beyond it.",
            "Seven days of Performance Insights cost nothing.",
            "A read replica has the engine and the size of its source.",
            "A password that RDS manages is a secret, billed by Secrets Manager.",
            "Past standard support each vCPU costs more, those of a standby too, unless it is disabled.",
        ),
    ),
    priced(
        "aws:rds/proxy:Proxy",
        parts=(Part(fixed("proxy", _SERVICE, "proxy", "vCPU-hour"), _proxied),),
        notes=(
            "Billed by the vCPU of the instances behind it, two at least; before clusters it has no price.",
        ),
    ),
    priced(
        "aws:rds/snapshot:Snapshot",
        "aws:rds/snapshotCopy:SnapshotCopy",
        parts=(
            by_usage(
                "snapshot storage", _SERVICE, "backup", "GB-month", "db_snapshot_gb", engine="non-aurora"
            ),
        ),
    ),
    priced(
        "aws:rds/exportTask:ExportTask",
        parts=(by_usage("snapshot exported", "AmazonAurora", "snapshot-export", "GB", "db_snapshot_gb"),),
        notes=("Billed once, when it is made.",),
    ),
    priced(
        "aws:rds/reservedInstance:ReservedInstance",
        parts=(
            Part(
                fixed("reservation", _SERVICE, "reserved-instance", "hour"),
                unknown("no price of its offering"),
            ),
        ),
    ),
)
