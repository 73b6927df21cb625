"""EC2: instances with their disks, credits and tenancy, and what reserves capacity for them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Gap, Measured, by_usage, fixed
from cygni.pricing.estimators import ebs, eip
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    choice,
    constant,
    derived,
    every,
    flag,
    is_one_of,
    is_set,
    named,
    negated,
    some,
    surely,
    text,
    through,
    units,
    unknown,
    whole,
)
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import UNKNOWN, Resource

LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
ROOT_GB: Final = 8  # the root volume of Amazon Linux's and Ubuntu's images, in GiB
TENANCY: Final = {"": "Shared", "default": "Shared", "dedicated": "Dedicated", "host": "Host"}
ROOT_NOTE: Final = f"the image decides its disks: a root volume of {ROOT_GB} GB of gp2 is assumed"
SPOT: Final = "Spot has no list price: it moves with supply"
# Without a maximum price of its own, a request for Spot pays at most the On-Demand price:
# docs.aws.amazon.com/AWSEC2, Spot Instance requests, maximum price.

HOURS: Final = fixed("{os} instance {instance_type}", "AmazonEC2", "instance", "hour", purchase="on-demand")
CREDITS: Final = by_usage(
    "CPU credits", "AmazonEC2", "cpu-credits", "vCPU-hour", "surplus_vcpus", mode="unlimited"
)
# Billed for each instance: aws.amazon.com/cloudwatch/pricing, EC2 detailed monitoring.
METRICS: Final = units(7)
MONITORING: Final = fixed(
    "detailed monitoring", "AmazonCloudWatch", "metric", "metric-month",
    tiered=True, kind="ec2 detailed monitoring, 7 metrics/instance",
)  # fmt: skip


def hours(
    kind: Reading[str],
    *,
    quantity: Reading[Decimal] | None = None,
    tenancy: Reading[str] | None = None,
    system: Reading[str] | None = None,
    when: Reading[bool] | None = None,
) -> Part:
    """The hours of instances; Linux on shared hardware unless said otherwise."""
    return Part(
        HOURS,
        quantity or units(1),
        by={
            "instance_type": kind,
            "os": system or constant("Linux"),
            "tenancy": tenancy or constant("Shared"),
        },
        when=when,
    )


def credits_of(kind: Reading[str], asked: Reading[str]) -> Part:
    """Burstable instances may use more than they earn: t3, t3a and t4g unless told otherwise, t2 only if told."""
    family = derived(kind, lambda found: found.split(".", 1)[0])
    unlimited = choice(
        is_one_of(family, "t2"), is_one_of(asked, "unlimited"), is_one_of(asked, "unlimited", "")
    )
    burstable = is_one_of(family, "t2", "t3", "t3a", "t4g")
    return Part(CREDITS, by={"family": family}, when=surely(every(burstable, unlimited)))


def _windows(subject: Subject) -> str:
    """Only an image knows its system; a password to fetch, or PowerShell for user data, tells of Windows."""
    script = subject.inputs.get("userData")
    told = isinstance(script, str) and any(
        text.lstrip().startswith(("<powershell>", "<script>")) for text in (script, _decoded(script))
    )
    return "Windows" if told or subject.inputs.get("getPasswordData") is True else "Linux"


def _decoded(script: str) -> str:
    """The user data of a launch template, which is in Base64; empty for what is not."""
    try:
        return base64.b64decode(script, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


_TYPE: Final = text("instanceType")
_TENANCY_OF: Final = choice(
    some(is_set("hostId"), is_set("hostResourceGroupArn")),
    constant("Host"),
    named(text("tenancy", "default"), TENANCY, "tenancy"),
)
_ON_HOST: Final = is_one_of(_TENANCY_OF, "Host")
_MARKET: Final = text("instanceMarketOptions.marketType", "")
_IS_SPOT: Final = is_one_of(_MARKET, "spot")
_CAPPED: Final = every(
    _IS_SPOT, negated(is_set("instanceMarketOptions.spotOptions.maxPrice")), negated(is_set("spotPrice"))
)
_OF_ONE: Final = choice(_CAPPED, units(1), unknown("its own maximum price bounds it"))
_ELASTIC: Final = ("aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation")


def _has_elastic(subject: Subject) -> bool:
    """Whether an elastic address takes the place of the one that EC2 gives; it is billed as an Eip."""
    users = subject.resources.users_of(subject.resource.urn)
    return any(user.type in _ELASTIC for user in users)


_ELSEWHERE: Final = some(is_set("networkInterfaces"), is_set("primaryNetworkInterface"))
_PUBLIC: Final = every(
    negated(_has_elastic),
    choice(
        is_set("associatePublicIpAddress"),
        flag("associatePublicIpAddress"),
        choice(
            is_set("subnetId"),
            through("subnetId", _SUBNET, flag("mapPublicIpOnLaunch"), constant(False)),
            negated(_ELSEWHERE),  # without any, it is in a subnet of the default VPC, which gives each one
        ),
    ),
)
_OWN_ROOT: Final = is_set("rootBlockDevice")

_ATTACHED: Final = ebs.volume_parts(whole("volumeSize"), each="ebsBlockDevices")
_ROOT: Final = ebs.volume_parts(
    whole("rootBlockDevice.volumeSize", ROOT_GB),
    kind="rootBlockDevice.volumeType",
    iops="rootBlockDevice.iops",
    throughput="rootBlockDevice.throughput",
    when=_OWN_ROOT,
)
_IMAGE_ROOT: Final = ebs.volume_parts(units(ROOT_GB), kind="imageDecides", note=ROOT_NOTE)[0]
_WATCHED: Final = Part(MONITORING, METRICS, when=flag("monitoring"))
_EXTRAS: Final = (
    credits_of(_TYPE, text("creditSpecification.cpuCredits", "")),
    _WATCHED,
    replace(_IMAGE_ROOT, when=every(negated(_OWN_ROOT), negated(is_set("launchTemplate")))),
    *_ROOT,
    *_ATTACHED,
    Part(eip.IN_USE, units(1), when=_PUBLIC),
)
_INSTANCE: Final = (
    replace(
        hours(_TYPE, tenancy=_TENANCY_OF, system=_windows, when=negated(_ON_HOST)),
        quantity=choice(_IS_SPOT, unknown(SPOT), units(1)),
        at_most=_OF_ONE,
        note="Linux unless it looks like Windows: the image decides",
    ),
    *_EXTRAS,
)

# One machine of a launch template.
_MAPPINGS: Final = "blockDeviceMappings"
_IS_ROOT: Final = is_one_of(text("deviceName", ""), "/dev/xvda", "/dev/sda1", "")
"""Whether a mapping is of a device that images have their root volume on: which of the two, the image decides (EC2 User
Guide, device names)."""
_NAMED_ROOT: Final = "taken for the root volume of the image by its device name"
_NAMED_DATA: Final = "taken for a disk beside the root volume of the image by its device name"


def _names_root(subject: Subject) -> bool | Gap:
    mappings = inputs.objects(subject.inputs, _MAPPINGS)
    if isinstance(mappings, Gap):
        return mappings
    return any(_IS_ROOT(subject.look(each)) is True for each in mappings)


def _mapped_disks(root_gb: int, when: Reading[bool]) -> tuple[Part, ...]:
    """The disks that a launch template names. Without a size the root volume is as large as the image has it, and any
    other as large as a snapshot that nobody knows here."""
    unsized = choice(
        every(_IS_ROOT, negated(is_set("ebs.snapshotId"))),
        units(root_gb),
        unknown("its snapshot decides its size"),
    )
    there = every(is_set("ebs"), when)
    storage, *rest = ebs.volume_parts(
        choice(is_set("ebs.volumeSize"), whole("ebs.volumeSize"), unsized),
        kind="ebs.volumeType",
        iops="ebs.iops",
        throughput="ebs.throughput",
        each=_MAPPINGS,
        when=there,
    )
    return (
        replace(storage, when=every(there, _IS_ROOT), note=_NAMED_ROOT),
        replace(storage, when=every(there, negated(_IS_ROOT)), note=_NAMED_DATA),
        *rest,
    )


def template_disks(
    root_gb: int = ROOT_GB, root: Reading[str] | None = None, note: str = ROOT_NOTE
) -> tuple[Part, ...]:
    """The disks of a machine of a launch template: those it names, and the root volume of the image, which is
    `root_gb` of gp2 or what `root` says, unless the template names that too."""
    image = Part(ebs.STORAGE, units(root_gb), by={"volume_type": root or constant("gp2")}, note=note)
    return (*_mapped_disks(root_gb, constant(True)), replace(image, when=surely(negated(_names_root))))


_DATA_DISKS: Final = _mapped_disks(ROOT_GB, negated(_IS_ROOT))
TEMPLATE_DISKS: Final = template_disks()
TEMPLATE_EXTRAS: Final = (
    Part(MONITORING, METRICS, when=flag("monitoring.enabled")),
    Part(eip.IN_USE, units(1), each="networkInterfaces", when=flag("associatePublicIpAddress")),
)
_TEMPLATE_KIND: Final = text("instanceType")
TEMPLATE_TENANCY: Final = named(text("placement.tenancy", "default"), TENANCY, "tenancy")
TEMPLATE: Final = (
    replace(
        hours(
            _TEMPLATE_KIND,
            tenancy=TEMPLATE_TENANCY,
            system=_windows,
            when=negated(is_one_of(text("placement.tenancy", ""), "host")),
        ),
        quantity=choice(_IS_SPOT, unknown(SPOT), units(1)),
        at_most=_OF_ONE,
        note="Linux unless it looks like Windows: the image decides",
    ),
    credits_of(_TEMPLATE_KIND, text("creditSpecification.cpuCredits", "")),
    *TEMPLATE_DISKS,
    *TEMPLATE_EXTRAS,
)


def _instance(resource: Resource, resources: ResourceSet, usage: Usage) -> Iterator[Amount]:
    subject = Subject.of(resource, resources, usage)
    if is_set("launchTemplate")(subject) is not True:
        for part in _INSTANCE:
            yield from part.amounts(subject)
        return
    template = resources.referred(resource, "launchTemplate", LAUNCH_TEMPLATE)
    if template is None:
        yield from _of_foreign_template(subject)
        return
    for part in _INSTANCE:
        yield from part.amounts(subject.look({**_as_instance(template.inputs), **resource.inputs}))
    for part in _DATA_DISKS if _OWN_ROOT(subject) is True else TEMPLATE_DISKS:
        yield from part.amounts(subject.at(template))


def _of_foreign_template(subject: Subject) -> Iterator[Amount]:
    """What the instance itself says, the rest without a price: its launch template is not among the resources."""
    reason = Gap("its launch template is outside the estimate")
    elsewhere = subject.look({**subject.inputs, "networkInterfaces": UNKNOWN})
    for part in _INSTANCE:
        for amount in part.amounts(elsewhere):
            told = amount.charge.usage != HOURS.usage or not isinstance(amount.quantity, Gap)
            yield amount if told else replace(amount, quantity=reason)
    yield Amount(ebs.STORAGE.of((("volume_type", "unknown"),)), reason)


def _as_instance(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a launch template says, as the inputs of an instance; its disks are read from itself."""
    told: dict[str, Any] = {
        name: template[name]
        for name in ("instanceType", "userData", "creditSpecification", "instanceMarketOptions")
        if template.get(name) is not None
    }
    for name, inner, own in (
        ("placement", "tenancy", "tenancy"),
        ("placement", "hostId", "hostId"),
        ("placement", "hostResourceGroupArn", "hostResourceGroupArn"),
        ("monitoring", "enabled", "monitoring"),
    ):
        nested = inputs.mapping(template, name)
        value = UNKNOWN if isinstance(nested, Gap) else nested.get(inner)
        if value is not None and not (value is UNKNOWN and own.startswith("host")):
            told[own] = value
    interfaces = inputs.objects(template, "networkInterfaces")
    if isinstance(interfaces, Gap):
        return {**told, "associatePublicIpAddress": UNKNOWN}
    asked = [each for each in interfaces if each.get("associatePublicIpAddress") is not None]
    if asked:
        told["associatePublicIpAddress"] = asked[0]["associatePublicIpAddress"]
    return {**told, "networkInterfaces": interfaces} if interfaces else told


def _spot(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    spot = Resource(
        resource.urn, resource.type, resource.name,
        {**resource.inputs, "instanceMarketOptions": {"marketType": "spot"}},
        resource.region, resource.references,
    )  # fmt: skip
    return _instance(spot, resources, usage)


_PLATFORM: Final = named(
    text("instancePlatform"), {"Linux/UNIX": "Linux", "Windows": "Windows", "Red Hat Enterprise Linux": "RHEL",
                               "SUSE Linux": "SUSE"}, "the platform"
)  # fmt: skip
_DECLARED: Final = tuple(dict.fromkeys(part.declared for part in _INSTANCE))

ESTIMATORS: Final = (
    Estimator(
        ("aws:ec2/instance:Instance",),
        _DECLARED,
        _instance,
        (
            "Linux, unless a password is to be fetched or its user data is PowerShell: only the image knows.",
            "Instances on a dedicated host cost nothing beside it; dedicated ones have a price of their own.",
            f"Without `rootBlockDevice` or a launch template {ROOT_NOTE}.",
            "t3, t3a and t4g may use more CPU than they earn, t2 if `unlimited`: `surplus_vcpus` is how much.",
            "A public address is billed where the instance asks for one, or its subnet gives each one.",
            "Subnets of the default VPC do. An elastic address takes its place and is billed as an `Eip`.",
        ),
    ),
    Estimator(
        ("aws:ec2/spotInstanceRequest:SpotInstanceRequest",),
        _DECLARED,
        _spot,
        ("Spot has no list price, and costs at most as much; the rest of the instance has its own.",),
    ),
    priced(
        "aws:ec2/capacityReservation:CapacityReservation",
        parts=(
            hours(
                text("instanceType"),
                quantity=whole("instanceCount"),
                tenancy=named(text("tenancy", "default"), TENANCY, "tenancy"),
                system=_PLATFORM,
            ),
        ),
        notes=("Billed whether instances run in it or not; those that do are counted a second time.",),
    ),
    priced(
        "aws:ec2/dedicatedHost:DedicatedHost",
        parts=(
            Part(
                fixed("dedicated host {family}", "AmazonEC2", "dedicated-host", "hour", purchase="on-demand"),
                by={
                    "family": choice(
                        is_set("instanceFamily"),
                        text("instanceFamily"),
                        derived(text("instanceType"), lambda found: found.split(".", 1)[0]),
                    )
                },
            ),
        ),
    ),
    priced(
        "aws:ec2/networkInsightsAnalysis:NetworkInsightsAnalysis",
        parts=(fixed("reachability analysis", "AmazonVPC", "reachability-analysis", "analysis"),),
        notes=("Billed once, when it is made.",),
    ),
    priced(
        "aws:ec2/trafficMirrorSession:TrafficMirrorSession",
        parts=(fixed("traffic mirror session", "AmazonVPC", "traffic-mirror-session", "hour"),),
    ),
)
