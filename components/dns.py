"""Names in Route 53."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from components.component import Component
from cygni.naming import host_in_name


@dataclass(frozen=True)
class ZoneArgs:
    """The public hosted zone `zone`, a domain name: made here if `create`, looked up if not."""

    zone: str
    create: bool


class Zone(Component):
    """A public hosted zone. Outputs: `zone_id`, `name_servers` (what the registrar must name if it was made here).

    A zone that is looked up must be there, and be the only public one of its name, or the program fails.
    """

    token = "cygni:edge:Zone"

    def __init__(self, name: str, args: ZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.zone_id: pulumi.Output[str]
        self.name_servers: pulumi.Output[Sequence[str]]
        if args.create:
            made = route53.Zone(name, name=args.zone, comment=f"Names of {name}", opts=self.child())
            self.zone_id, self.name_servers = made.zone_id, made.name_servers
        else:
            found = route53.get_zone_output(
                name=args.zone, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=self)
            )
            self.zone_id, self.name_servers = found.zone_id, found.name_servers
        self.register_outputs({"zoneId": self.zone_id})


@dataclass(frozen=True)
class NamesArgs:
    """`names` all lead to one target in AWS, by its DNS name and the zone that AWS keeps that in.

    `ipv6` adds AAAA records, for a target that has IPv6 addresses.
    """

    zone_id: pulumi.Input[str]
    names: Sequence[str]
    target: pulumi.Input[str]
    target_zone_id: pulumi.Input[str]
    ipv6: bool = False


class Names(Component):
    """Alias records, which cost nothing to ask for and follow the target's addresses."""

    token = "cygni:edge:Names"

    def __init__(self, name: str, args: NamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        for host in args.names:
            for kind in ("A", "AAAA") if args.ipv6 else ("A",):
                route53.Record(
                    f"{name}-{host_in_name(host)}-{kind}",
                    zone_id=args.zone_id,
                    name=host,
                    type=kind,
                    aliases=[
                        route53.RecordAliasArgs(
                            name=args.target,
                            zone_id=args.target_zone_id,
                            # one target is all there is: without an answer from it there is none to give
                            evaluate_target_health=False,
                        )
                    ],
                    opts=self.child(),
                )
        self.register_outputs({})
