"""OpenSearch: data, master, warm and coordinating nodes with their disks; serverless collections; pipelines."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from cygni.pricing import estimate_day
from cygni.pricing.charges import Estimator, by_usage, fixed
from cygni.pricing.money import ceiling
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    beyond,
    choice,
    constant,
    derived,
    every,
    flag,
    is_one_of,
    is_set,
    text,
    times,
    units,
    unknown,
    whole,
)

_SERVICE: Final = "AmazonES"
_STORAGE: Final = fixed("{volume_type} storage", _SERVICE, "storage", "GB-month")
_GP3_IOPS: Final = fixed("gp3 IOPS above what is included", _SERVICE, "iops", "IOPS-month", volume_type="gp3")
_IO1_IOPS: Final = fixed("io1 IOPS", _SERVICE, "iops", "IOPS-month", volume_type="io1")
_GP3_THROUGHPUT: Final = fixed(
    "gp3 throughput above what is included", _SERVICE, "throughput", "MiBps-month", volume_type="gp3"
)
_WARM: Final = by_usage("warm storage", _SERVICE, "warm-storage", "GB-month", None)
_COLD: Final = by_usage("cold storage", _SERVICE, "cold-storage", "GB-month", None)
_NODES: Final = whole("clusterConfig.instanceCount", 1)
_SIZE: Final = whole("ebsOptions.volumeSize")
_DISKS: Final = flag("ebsOptions.ebsEnabled", True)
_KIND: Final = text("ebsOptions.volumeType", "gp2")


def _nodes(role: str, kind: Reading[str], count: Reading[Decimal], when: Reading[bool] | None = None) -> Part:
    charge = fixed(f"{role} node {{instance_type}}", _SERVICE, "instance", "hour")
    return Part(charge, count, by={"instance_type": kind}, when=when)


def _disk(kind: str, asked: str) -> Reading[bool]:
    return every(_DISKS, is_one_of(_KIND, kind), is_set(asked))


# gp3 gives each node 3,000 IOPS and 125 MiB/s, and 3 IOPS a GiB and 250 MiB/s a TiB of larger disks
# (aws.amazon.com/opensearch-service/pricing, gp3 storage).
def _given_iops(size: Decimal) -> Decimal:
    return max(Decimal(3000), 3 * size) if size > 1024 else Decimal(3000)


def _given_throughput(size: Decimal) -> Decimal:
    return Decimal(125) if size < 170 else max(Decimal(250), Decimal(250) * ceiling(size / 1024))


_EXTENDED: Final = fixed("extended support", _SERVICE, "extended-support", "NIH-hour")
_SUPPORT_ENDED: Final = date(2025, 11, 7)
"""Standard support of all versions but `_SUPPORTED` and later ones: OpenSearch Service Developer Guide, "Supported
versions", as it stood in 2026; of Elasticsearch from memory, as that page could not be looked up for it."""
_SUPPORTED: Final = frozenset(
    {"Elasticsearch_6.8", "Elasticsearch_7.9", "Elasticsearch_7.10", "OpenSearch_1.3"}
)
_FIRST_SUPPORTED: Final = (2, 11)  # of OpenSearch
_VERSION: Final = re.compile(r"(?:Elasticsearch|OpenSearch)_([0-9]{1,3})\.([0-9]{1,3})")


def _is_extended(version: str) -> bool:
    """Whether AWS bills a version's extended support, by the normalized hour of each instance."""
    found = _VERSION.fullmatch(version)
    if found is None or version in _SUPPORTED or estimate_day.today() <= _SUPPORT_ENDED:
        return False
    return version.startswith("Elasticsearch") or (int(found[1]), int(found[2])) < _FIRST_SUPPORTED


def _domain(*types: str, default_type: str, version: Reading[str]) -> Estimator:
    return priced(
        *types,
        parts=(
            _nodes("data", text("clusterConfig.instanceType", default_type), _NODES),
            _nodes(
                "master",
                text("clusterConfig.dedicatedMasterType"),
                whole("clusterConfig.dedicatedMasterCount"),
                flag("clusterConfig.dedicatedMasterEnabled"),
            ),
            _nodes(
                "UltraWarm",
                text("clusterConfig.warmType"),
                whole("clusterConfig.warmCount"),
                flag("clusterConfig.warmEnabled"),
            ),
            Part(
                fixed("coordinating node {instance_type}", _SERVICE, "instance", "hour"),
                whole("nodeConfig.count"),
                by={"instance_type": text("nodeConfig.type")},
                each="clusterConfig.nodeOptions",
                when=flag("nodeConfig.enabled"),
            ),
            Part(
                _EXTENDED, unknown("billed by the size of each instance"), when=derived(version, _is_extended)
            ),
            Part(_WARM, when=flag("clusterConfig.warmEnabled")),
            Part(_COLD, when=flag("clusterConfig.coldStorageOptions.enabled")),
            Part(_STORAGE, times(_NODES, _SIZE), by={"volume_type": _KIND}, when=_DISKS),
            Part(
                _GP3_IOPS,
                times(_NODES, beyond(whole("ebsOptions.iops"), derived(_SIZE, _given_iops))),
                when=_disk("gp3", "ebsOptions.iops"),
            ),
            Part(
                _GP3_THROUGHPUT,
                times(_NODES, beyond(whole("ebsOptions.throughput"), derived(_SIZE, _given_throughput))),
                when=_disk("gp3", "ebsOptions.throughput"),
            ),
            Part(_IO1_IOPS, times(_NODES, whole("ebsOptions.iops")), when=_disk("io1", "ebsOptions.iops")),
        ),
        notes=(
            f"One data node of `{default_type}` unless said otherwise; disks are of every data node, gp2 by default.",
        ),
    )


_OCU: Final = fixed("capacity for {use}", _SERVICE, "serverless-ocu", "OCU-hour")
_REDUNDANT: Final = choice(is_one_of(text("standbyReplicas", "ENABLED"), "ENABLED"), units(1), units("0.5"))

ESTIMATORS: Final = (
    _domain(
        "aws:opensearch/domain:Domain", default_type="m4.large.search", version=text("engineVersion", "")
    ),
    _domain(
        "aws:elasticsearch/domain:Domain",
        default_type="m4.large.elasticsearch",
        version=derived(text("elasticsearchVersion", "1.5"), lambda found: f"Elasticsearch_{found}"),
    ),
    priced(
        "aws:opensearch/serverlessCollection:ServerlessCollection",
        parts=(
            Part(_OCU, _REDUNDANT, by={"use": constant("indexing")}),
            Part(_OCU, _REDUNDANT, by={"use": constant("search")}),
            by_usage("storage", _SERVICE, "serverless-storage", "GB-month", "search_gb"),
        ),
        notes=(
            "The least that AWS keeps: an OCU each for indexing and search with standby replicas, half without.",
            "Collections with the same key share it; each is counted as if it were the first.",
        ),
    ),
    priced(
        "aws:opensearchingest/pipeline:Pipeline",
        parts=(Part(fixed("ingestion capacity", _SERVICE, "ingestion-ocu", "OCU-hour"), whole("minUnits")),),
        notes=("Its least number of units all month.",),
        not_counted=("units that scaling adds",),
    ),
)
