"""Types that cost nothing by themselves, and why; and types that nobody has an estimator for.

Both are lists beside this file: a line has a module of the official provider and its types, `ec2 Vpc Subnet`; a line
with `#` before them says why they are free. A type in no list is not free: it is not priced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Gap
from cygni.resources import Resource

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


_IN_CLUSTER: Final = "reached within the cluster or at its nodes"
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
(Ingress, Gateway, a Service of type LoadBalancer) and volumes (PersistentVolumeClaim, a StatefulSet with claims), and
everybody's own kinds."""


def free_reason(resource: Resource) -> str | None:
    """Why a resource is free by itself; None where it is not, or nobody knows."""
    provider, _, rest = resource.type.partition(":")
    if provider == "kubernetes":
        return _free_object(rest.rpartition(":")[2], resource.inputs) if _is_own(rest) else None
    return TYPES.get(resource.type) or FREE_PROVIDERS.get(provider)


OTHERWISE_FREE: Final[Mapping[str, str]] = {
    "Service (not of type LoadBalancer)": _IN_CLUSTER,
    "StatefulSet (without volumeClaimTemplates)": _RUNS_ON_NODES,
}
"""Kinds that are free by what they say, in words, and why."""
_WITHIN: Final = frozenset({"ClusterIP", "NodePort", "ExternalName"})
"""Types of a Service for which nothing is made in a cloud (Kubernetes documentation, Service, publishing services)."""


def _free_object(kind: str, given: Mapping[str, Any]) -> str | None:
    """Why an object of Kubernetes is free: by its kind, or by what its `spec` says."""
    spec = inputs.mapping(given, "spec")
    if kind.removesuffix("Patch") == "Service" and not isinstance(spec, Gap):
        # A patch that does not say the type leaves it as it is.
        return (
            _IN_CLUSTER
            if inputs.text(spec, "type", "" if kind == "ServicePatch" else "ClusterIP") in _WITHIN
            else None
        )
    if kind == "StatefulSet" and not isinstance(spec, Gap):
        return None if spec.get("volumeClaimTemplates") not in (None, [], ()) else _RUNS_ON_NODES
    return FREE_KINDS.get(kind.removesuffix("Patch"))


def _is_own(rest: str) -> bool:
    """Whether it is of a group of Kubernetes' own (`core/v1`, `rbac.authorization.k8s.io/v1`), not of somebody's."""
    group = rest.partition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


@cache
def unpriced_types() -> frozenset[str]:
    """The types of the official provider that may cost, and have no estimator."""
    return frozenset(listed("unpriced_types.txt"))
