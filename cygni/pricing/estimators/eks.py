"""EKS: control planes, and the instances and disks of node groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from cygni.eks_versions import NEWEST, in_extended_support
from cygni.pricing import estimate_day, inputs
from cygni.pricing.charges import Amount, Charge, Estimator, Gap, Quantity, fixed
from cygni.pricing.estimators import ebs, ec2
from cygni.pricing.estimators.autoscaling_group import machines, within
from cygni.pricing.parts import Part
from cygni.pricing.readings import Subject, constant, whole
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

_SUPPORT: Final = {
    kind: fixed(f"control plane, {kind} support", "AmazonEKS", "cluster", "hour", support=kind)
    for kind in ("standard", "extended")
}
_AUTO: Final = fixed("instances of Auto Mode", "AmazonEKS", "auto-mode", "hour")
_DEFAULT_TYPE: Final = "t3.medium"  # EKS CreateNodegroup
_DEFAULT_DISK: Final = 20  # GiB, EKS CreateNodegroup, and the volume of Amazon Linux's images
_WINDOWS_DISK: Final = 50  # GiB, EKS CreateNodegroup for Windows


def instance_charge(instance_type: str, system: str = "Linux", tenancy: str = "Shared") -> Charge:
    """The hours of an instance with Linux or Windows."""
    return fixed(
        f"node {instance_type}", "AmazonEC2", "instance", "hour",
        instance_type=instance_type, os=system, purchase="on-demand", tenancy=tenancy,
    )  # fmt: skip


_TEMPLATE_PARTS: Final = (
    *ec2.template_disks(
        _DEFAULT_DISK,
        constant("gp3"),
        "the root volume of Amazon Linux's images: the launch template names none",
    ),
    *ec2.TEMPLATE_EXTRAS,
)
_TYPICAL: Final = (instance_charge("t3.medium"), instance_charge("t4g.medium"), instance_charge("m7g.large"))


def _cluster(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    version = inputs.text(resource.inputs, "version", NEWEST)
    policy = inputs.mapping(resource.inputs, "upgradePolicy")
    automatic = inputs.mapping(resource.inputs, "computeConfig")
    if isinstance(automatic, Gap) or inputs.flag(automatic, "enabled") is not False:
        yield Amount(_AUTO, Gap("EKS chooses the instances when pods need them, and adds a fee to each"))
    if isinstance(version, Gap):
        yield Amount(_SUPPORT["standard"], version)
    elif isinstance(policy, Gap):
        yield Amount(_SUPPORT["standard"], policy)
    else:
        yield _support(version, stays=policy.get("supportType") != "STANDARD")


def _support(version: str, *, stays: bool) -> Amount:
    """The hours of a control plane; one that does not stay behind is moved on by AWS."""
    extended = in_extended_support(version, estimate_day.today())
    if extended is None:
        note = f"{version} taken to be under standard support"
        return Amount(_SUPPORT["standard"], Decimal(1), note)
    if not extended:
        return Amount(_SUPPORT["standard"], Decimal(1))
    if stays:
        return Amount(_SUPPORT["extended"], Decimal(1), f"{version} is past its standard support")
    return Amount(_SUPPORT["standard"], Decimal(1), "AWS moves it on: its standard support has ended")


def _node_group(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    sizes = inputs.mapping(resource.inputs, "scalingConfig")
    nodes = (
        sizes if isinstance(sizes, Gap) else within(sizes, inputs.whole(sizes, "desiredSize"), "desiredSize")
    )
    template = _template(resource, resources)
    kind = _instance_type(resource, template)
    note = None if isinstance(sizes, Gap) else _range_of(sizes)
    subject = Subject.of(resource, resources, usage)
    tenancy = ec2.TEMPLATE_TENANCY(subject.at(template)) if isinstance(template, Resource) else "Shared"
    if isinstance(kind, Gap):
        yield Amount(_TYPICAL[0], kind)
    elif isinstance(tenancy, Gap):
        yield Amount(instance_charge(kind, _system(resource)), tenancy)
    else:
        charge = instance_charge(kind, _system(resource), tenancy)
        yield Amount(
            charge, _unless_spot(resource.inputs, nodes), note, at_most=_spot_at_most(resource.inputs, nodes)
        )
    yield from machines(_equipment(template, subject), nodes, None)


def _template(resource: Resource, resources: ResourceSet) -> Resource | Gap | None:
    """The launch template of a node group; None where EKS makes its own."""
    if resource.inputs.get("launchTemplate") is None:
        return None
    found = resources.referred(resource, "launchTemplate", ec2.LAUNCH_TEMPLATE)
    return found or Gap("its launch template is outside the estimate")


def _instance_type(resource: Resource, template: Resource | Gap | None) -> str | Gap:
    """The first of the types: EKS takes On-Demand instances in the order of the list."""
    types = resource.inputs.get("instanceTypes")
    if isinstance(types, list | tuple) and types:
        return inputs.text({"instanceTypes": types[0]}, "instanceTypes")
    if types not in (None, [], ()):
        return Gap("instanceTypes is known only after the deploy")
    if isinstance(template, Gap):
        return template
    return inputs.text(template.inputs if template else {}, "instanceType", _DEFAULT_TYPE)


def _system(resource: Resource) -> str:
    return "Windows" if str(resource.inputs.get("amiType")).startswith("WINDOWS") else "Linux"


def _unless_spot(given: Mapping[str, Any], nodes: Quantity) -> Quantity:
    capacity = inputs.text(given, "capacityType", "ON_DEMAND")
    if capacity == "SPOT":
        return Gap("Spot has no list price: it moves with supply")
    if isinstance(capacity, Gap):
        return capacity
    return nodes if capacity == "ON_DEMAND" else Gap(f"no price for {capacity}")


def _spot_at_most(given: Mapping[str, Any], nodes: Quantity) -> Decimal | None:
    """How many On-Demand nodes bound what Spot costs, since EKS asks without a maximum price: none where it may take
    several types, of which nobody knows the dearest."""
    types = given.get("instanceTypes")
    several = isinstance(types, list | tuple) and len(types) > 1
    is_spot = inputs.text(given, "capacityType", "ON_DEMAND") == "SPOT"
    return nodes if is_spot and not several and isinstance(nodes, Decimal) else None


def _range_of(sizes: Mapping[str, Any]) -> str | None:
    least, wanted, most = (sizes.get(name) for name in ("minSize", "desiredSize", "maxSize"))
    if least == wanted == most:
        return None
    return f"at its desired size of {wanted}; it may be from {least} to {most}"


def _equipment(template: Resource | Gap | None, subject: Subject) -> Iterator[Amount]:
    """What one node has beside its instance: disks, and of a launch template monitoring and public addresses."""
    if isinstance(template, Gap):
        yield Amount(ebs.STORAGE.of((("volume_type", "unknown"),)), template)
    elif template is None:
        windows = str(subject.inputs.get("amiType")).startswith("WINDOWS")
        size = whole("diskSize", _WINDOWS_DISK if windows else _DEFAULT_DISK)
        yield from Part(ebs.STORAGE, size, by={"volume_type": constant("gp2")}).amounts(subject)
    else:
        for part in _TEMPLATE_PARTS:
            yield from part.amounts(subject.at(template))


ESTIMATORS: Final = (
    Estimator(
        ("aws:eks/cluster:Cluster",),
        (*_SUPPORT.values(), _AUTO),
        _cluster,
        (
            "Auto Mode (`computeConfig.enabled`) makes instances that nobody knows before: they have no price.",
            "A version past its standard support costs six times as much.",
            "Unless `upgradePolicy` is `STANDARD`: then AWS moves the cluster on to the next version.",
            "Logs of the control plane are billed with their log group.",
        ),
    ),
    Estimator(
        ("aws:eks/nodeGroup:NodeGroup",),
        (*_TYPICAL, *dict.fromkeys(part.declared for part in _TEMPLATE_PARTS)),
        _node_group,
        (
            "Every instance type that the book holds has a price; the first of several counts, times the desired size.",
            "Spot instances have no list price: of a single type they cost at most as much as On-Demand.",
            "Disks are those of the launch template; without one, EKS gives each node a gp2 disk of 20 GiB.",
        ),
    ),
)
