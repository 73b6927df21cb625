"""Types that cost nothing by themselves, and why; and types that nobody has an estimator for.

Both are lists beside this file: a line has a module of the official provider and its types, `ec2 Vpc Subnet`; a line
with `#` before them says why they are free. A type in no list is not free: it is not priced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


def listed(name: str) -> dict[str, str]:
    """The type tokens in a list beside this file, and the heading each stands under."""
    tokens: dict[str, str] = {}
    heading = ""
    for line in (_FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            heading = line[1:].strip()
            continue
        module, *types = line.split() or [""]
        for each in types:
            tokens[f"aws:{module}/{each[0].lower()}{each[1:]}:{each}"] = heading
    return tokens


TYPES: Final[Mapping[str, str]] = listed("free_types.txt")

_NOTHING_IN_A_CLOUD: Final = "makes nothing in a cloud"
FREE_PROVIDERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("archive", "null", "random", "std", "time", "tls"), _NOTHING_IN_A_CLOUD),
    "command": "runs a command; what that makes elsewhere is not seen",
}
"""Providers of which every resource is free, and why: what they make is in the state alone, or on the machine that
deploys."""


_SAYS_SOMETHING: Final = "says something to the cluster"
_RUNS_ON_NODES: Final = "runs on the cluster's nodes, which are priced; what pods take on Fargate is not seen"
FREE_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            "ClusterRole",
            "ClusterRoleBinding",
            "ConfigMap",
            "ControllerRevision",
            "CustomResourceDefinition",
            "EndpointSlice",
            "Endpoints",
            "HorizontalPodAutoscaler",
            "IngressClass",
            "Lease",
            "LimitRange",
            "MutatingWebhookConfiguration",
            "Namespace",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "PodTemplate",
            "PriorityClass",
            "ResourceQuota",
            "Role",
            "RoleBinding",
            "RuntimeClass",
            "Secret",
            "ServiceAccount",
            "StorageClass",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
        _SAYS_SOMETHING,
    ),
    **dict.fromkeys(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet"], _RUNS_ON_NODES),
}
"""Kinds of Kubernetes' own that make nothing in a cloud, and why. Not there: what asks a cloud for load balancers
(Service, Ingress, Gateway) and volumes (PersistentVolumeClaim, StatefulSet), and everybody's own kinds."""


def free_reason(token: str) -> str | None:
    """Why a type is free by itself; None where it is not, or nobody knows."""
    provider, _, rest = token.partition(":")
    if provider == "kubernetes":
        return FREE_KINDS.get(rest.rpartition(":")[2].removesuffix("Patch")) if _is_own(rest) else None
    return TYPES.get(token) or FREE_PROVIDERS.get(provider)


def _is_own(rest: str) -> bool:
    """Whether it is of a group of Kubernetes' own (`core/v1`, `rbac.authorization.k8s.io/v1`), not of somebody's."""
    group = rest.partition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


@cache
def unpriced_types() -> frozenset[str]:
    """The types of the official provider that may cost, and have no estimator."""
    return frozenset(listed("unpriced_types.txt"))
