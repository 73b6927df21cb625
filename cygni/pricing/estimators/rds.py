"""RDS databases and Aurora clusters: instances, capacity units, storage, requests, backups, managed secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Gap, Quantity, by_usage, fixed, one_of
from cygni.pricing.estimators import secrets_manager
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import UNKNOWN, Resource

_INSTANCE: Final = "aws:rds/instance:Instance"
_CLUSTER: Final = "aws:rds/cluster:Cluster"
_FREE_INSIGHTS: Final = Decimal(7)  # days of Performance Insights that cost nothing
_GP3_IOPS: Final = Decimal(3000)  # included with every gp3 volume below 400 GB
_LARGE_GP3: Final = Decimal(400)
_LARGE_GP3_IOPS: Final = Decimal(12000)

BACKUP: Final = by_usage(
    "backups beyond the storage", "AmazonRDS", "backup", "GB-month", "db_backup_gb", engine="non-aurora"
)


def instance_charge(engine: str, instance_class: str, deployment: str) -> Charge:
    """The hours of an instance; `deployment` is Single-AZ or Multi-AZ."""
    return fixed(
        _named(f"instance {instance_class}", deployment), "AmazonRDS", "instance", "hour",
        engine=engine, instance_class=instance_class, deployment=deployment, purchase="on-demand",
    )  # fmt: skip


def storage_charge(storage_type: str, deployment: str) -> Charge:
    component = _named(f"{storage_type} storage", deployment)
    return fixed(
        component, "AmazonRDS", "storage", "GB-month", storage_type=storage_type, deployment=deployment
    )


def _iops_charge(storage_type: str, deployment: str) -> Charge:
    component = _named(f"{storage_type} IOPS", deployment)
    return fixed(
        component, "AmazonRDS", "iops", "IOPS-month", storage_type=storage_type, deployment=deployment
    )


def _named(component: str, deployment: str) -> str:
    return component if deployment == "Single-AZ" else f"{component}, {deployment}"


_TYPICAL: Final = (
    instance_charge("postgres", "db.t4g.micro", "Single-AZ"),
    instance_charge("postgres", "db.t4g.medium", "Single-AZ"),
    instance_charge("postgres", "db.m6g.large", "Single-AZ"),
    *(storage_charge("gp3", deployment) for deployment in ("Single-AZ", "Multi-AZ")),
)


def _instance(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    source = resources.referred(resource, "replicateSourceDb", _INSTANCE)
    is_replica = resource.inputs.get("replicateSourceDb") is not None
    engine = _engine(resource, source, is_replica)
    deployment = _deployment(resource.inputs)
    kind = inputs.text(resource.inputs, "instanceClass")
    if isinstance(engine, Gap) or isinstance(deployment, Gap) or isinstance(kind, Gap):
        gaps = (each for each in (engine, deployment, kind) if isinstance(each, Gap))
        yield Amount(_TYPICAL[0], next(gaps))
        return
    yield Amount(instance_charge(engine, kind, deployment), Decimal(1))
    yield from _storage(resource, source, deployment)
    yield from _insights(resource.inputs)
    if not is_replica and inputs.whole(resource.inputs, "backupRetentionPeriod", 0) != 0:
        yield one_of(BACKUP, usage)
    yield from _secret(resource.inputs, usage)


def _engine(resource: Resource, source: Resource | None, is_replica: bool) -> str | Gap:
    if not is_replica or resource.inputs.get("engine"):
        return inputs.text(resource.inputs, "engine")
    return (
        Gap("its engine is that of a source outside the estimate")
        if source is None
        else inputs.text(source.inputs, "engine")
    )


def _deployment(given: Mapping[str, Any]) -> str | Gap:
    both = inputs.flag(given, "multiAz")
    return both if isinstance(both, Gap) else ("Multi-AZ" if both else "Single-AZ")


def _storage(resource: Resource, source: Resource | None, deployment: str) -> Iterator[Amount]:
    """A replica has as much as its source, whatever it says."""
    given = resource.inputs
    size = inputs.whole((source or resource).inputs, "allocatedStorage")
    default = "io1" if given.get("iops") is not None else "gp2"
    kind = inputs.text(given, "storageType", default)
    if isinstance(kind, Gap):
        yield Amount(_TYPICAL[-1], kind)
        return
    note = (
        None if given.get("maxAllocatedStorage") in (None, 0) else "it may grow by itself, which costs more"
    )
    yield Amount(storage_charge(kind, deployment), size, note)
    if given.get("iops") is not None and kind in ("gp3", "io1", "io2"):
        yield Amount(
            _iops_charge(kind, deployment), _beyond(inputs.whole(given, "iops"), _included(kind, size))
        )
    if given.get("storageThroughput") is not None:
        yield Amount(_iops_charge(kind, deployment), Gap("no price for storageThroughput"))


def _included(kind: str, size: Quantity) -> Decimal:
    if kind != "gp3":
        return Decimal(0)
    return _LARGE_GP3_IOPS if isinstance(size, Decimal) and size >= _LARGE_GP3 else _GP3_IOPS


def _beyond(wanted: Quantity, included: Decimal) -> Quantity:
    return wanted if isinstance(wanted, Gap) else max(wanted - included, Decimal(0))


def _insights(given: Mapping[str, Any]) -> Iterator[Amount]:
    """Seven days of Performance Insights are free; the book has no price for more."""
    on = inputs.flag(given, "performanceInsightsEnabled")
    days = inputs.whole(given, "performanceInsightsRetentionPeriod", 7)
    if on is not False and days != _FREE_INSIGHTS:
        charge = fixed("Performance Insights", "AmazonRDS", "performance-insights", "vCPU-month")
        yield Amount(
            charge,
            days if isinstance(days, Gap) else Gap(f"no price for {days} days of Performance Insights"),
        )


def _secret(given: Mapping[str, Any], usage: Usage) -> Iterator[Amount]:
    if inputs.flag(given, "manageMasterUserPassword") is True:
        yield Amount(
            secrets_manager.SECRET, Decimal(1), "the master password, which RDS keeps in Secrets Manager"
        )
        yield one_of(secrets_manager.REQUESTS, usage)


_CLUSTERS: Final = ("standard", "io-optimized")


def _suffix(cluster: str) -> str:
    return "" if cluster == "standard" else ", I/O-optimized"


_STORAGE: Final = {
    each: by_usage(
        f"storage{_suffix(each)}", "AmazonAurora", "storage", "GB-month", "aurora_storage_gb", cluster=each
    )
    for each in _CLUSTERS
}
_REQUESTS: Final = by_usage(
    "I/O requests", "AmazonAurora", "io-requests", "request", "aurora_io_requests", cluster="standard"
)
_BACKUP: Final = by_usage(
    "backups beyond the storage", "AmazonAurora", "backup", "GB-month", "aurora_backup_gb"
)
_MINIMUM: Final = {
    each: fixed(
        f"minimum capacity{_suffix(each)}", "AmazonAurora", "serverless-v2-acu", "ACU-hour", cluster=each
    )
    for each in _CLUSTERS
}
_ABOVE: Final = {
    each: by_usage(
        f"capacity above it{_suffix(each)}", "AmazonAurora", "serverless-v2-acu", "ACU-hour", "aurora_acus",
        cluster=each,
    )
    for each in _CLUSTERS
}  # fmt: skip


def _kind_of_cluster(given: Mapping[str, Any]) -> str | Gap:
    kind = inputs.text(given, "storageType")
    if kind in ("", "aurora"):
        return "standard"
    return (
        "io-optimized"
        if kind == "aurora-iopt1"
        else kind
        if isinstance(kind, Gap)
        else Gap(f"no price for {kind} storage")
    )


def _cluster(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    engine = inputs.text(resource.inputs, "engine")
    kind = _kind_of_cluster(resource.inputs)
    if isinstance(engine, str) and not engine.startswith("aurora"):
        kind = Gap("no price for a Multi-AZ cluster that is not Aurora")
    if isinstance(kind, Gap):
        yield Amount(_STORAGE["standard"], kind)
        return
    yield one_of(_STORAGE[kind], usage)
    if kind == "standard":
        yield one_of(_REQUESTS, usage)
    yield one_of(_BACKUP, usage)
    yield from _secret(resource.inputs, usage)


def _cluster_instance(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    cluster = resources.referred(resource, "clusterIdentifier", _CLUSTER)
    kind = _kind_of_cluster(cluster.inputs) if cluster else Gap("its cluster is outside the estimate")
    wanted = inputs.text(resource.inputs, "instanceClass")
    if wanted == "db.serverless":
        yield from _capacity(cluster, kind, usage)
    elif isinstance(wanted, Gap):
        yield Amount(_MINIMUM["standard"], wanted)
    else:
        engine = inputs.text(resource.inputs, "engine")
        name = engine if isinstance(engine, str) else "aurora-postgresql"
        charge = fixed("instance", "AmazonAurora", "instance", "hour", engine=name, instance_class=wanted)
        known = kind if isinstance(kind, Gap) else Decimal(1)
        yield Amount(
            charge,
            Gap("no price for instances of an I/O-optimized cluster") if kind == "io-optimized" else known,
        )
    yield from _insights(resource.inputs)


def _capacity(cluster: Resource | None, kind: str | Gap, usage: Usage) -> Iterator[Amount]:
    """What the instance keeps ready is billed always, what it uses above that by use, up to the maximum."""
    limits = inputs.mapping(cluster.inputs if cluster else {}, "serverlessv2ScalingConfiguration")
    if isinstance(kind, Gap) or isinstance(limits, Gap):
        yield Amount(
            _MINIMUM["standard"], kind if isinstance(kind, Gap) else Gap("its limits are not known yet")
        )
        return
    least, most = _units(limits, "minCapacity"), _units(limits, "maxCapacity")
    yield Amount(_MINIMUM[kind], least)
    if isinstance(least, Gap) or isinstance(most, Gap):
        gaps = (each for each in (least, most) if isinstance(each, Gap))
        yield Amount(_ABOVE[kind], next(gaps))
        return
    assumed = usage.amount("aurora_acus")
    yield Amount(_ABOVE[kind], min(assumed, max(most - least, Decimal(0))), usage.describe("aurora_acus"))


def _units(limits: Mapping[str, Any], name: str) -> Quantity:
    """Capacity units, in steps of a half."""
    value = limits.get(name)
    if value is None or value is UNKNOWN:
        return Gap(f"{name} is {'not set' if value is None else 'known only after the deploy'}")
    try:
        units = Decimal(str(value))
    except InvalidOperation:
        return Gap(f"{name} is not a number")
    return units if units.is_finite() and 0 <= units <= 256 else Gap(f"{name} is not from 0 to 256")


ESTIMATORS: Final = (
    Estimator(
        (_INSTANCE,),
        (*_TYPICAL, _iops_charge("gp3", "Single-AZ"), BACKUP, secrets_manager.SECRET),
        _instance,
        (
            "Every engine and class that the book holds has a price; a Multi-AZ price is never made by doubling.",
            "Backups cost nothing up to the size of the storage; `db_backup_gb` is what goes beyond it.",
            "Seven days of Performance Insights cost nothing; more has no price here.",
            "A read replica has the engine and the size of its source.",
            "A password that RDS manages is a secret, billed by Secrets Manager.",
            "Not counted: CPU credits beyond those that burstable classes earn, extended support.",
        ),
    ),
    Estimator(
        (_CLUSTER,),
        (*_STORAGE.values(), _REQUESTS, _BACKUP, secrets_manager.SECRET),
        _cluster,
        ("Storage grows by itself and is billed by use. An I/O-optimized cluster pays no requests.",),
    ),
    Estimator(
        ("aws:rds/clusterInstance:ClusterInstance",),
        (*_MINIMUM.values(), *_ABOVE.values()),
        _cluster_instance,
        (
            "`db.serverless` is billed in capacity units (ACU): the minimum always, what is used above it by use.",
            "Other classes are billed by the hour, where the book has their price.",
        ),
    ),
)
