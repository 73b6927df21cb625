"""Names by which the services of an environment reach each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, servicediscovery

from components.binding import Binding, variable
from components.component import Component
from components.egress import to_anywhere

_SECONDS_CACHED = 10
"""How long a resolver may keep an answer: a task that is gone is asked for no longer than this."""


@dataclass(frozen=True)
class DiscoveryArgs:
    """`domain` is what names end with; `ports` are those that services listen on, by service."""

    domain: str
    vpc_id: pulumi.Input[str]
    ports: Mapping[str, int]


@dataclass(frozen=True)
class FoundAs:
    """How a service is found: its name in a namespace, and the group whose members may reach it."""

    name: str
    namespace_id: pulumi.Input[str]
    peers: pulumi.Input[str]


class Discovery(Component):
    """A Cloud Map namespace with a private hosted zone in the VPC, and the group of those that may call.

    Costs what a hosted zone costs. Output: `binding`, which gives tasks SERVICE_NAME_URL for each service and takes
    them into the group.
    """

    token = "cygni:network:Discovery"

    def __init__(self, name: str, args: DiscoveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.namespace = servicediscovery.PrivateDnsNamespace(
            name,
            name=args.domain,
            description=f"Services of {name}",
            vpc=args.vpc_id,
            opts=self.child(),
        )
        self.peers = ec2.SecurityGroup(
            f"{name}-peers",
            description=f"Services of {name} that call others",
            vpc_id=args.vpc_id,
            egress=to_anywhere(),
            opts=self.child(),
        )
        urls = {service: f"http://{service}.{args.domain}:{port}" for service, port in args.ports.items()}
        self.binding = Binding(
            variables={variable("service", service, "url"): url for service, url in urls.items()},
            security_groups=[self.peers.id],
        )
        self.register_outputs({"namespaceId": self.namespace.id})

    def found_as(self, service: str) -> FoundAs:
        return FoundAs(service, self.namespace.id, self.peers.id)


def registry(parent: Component, name: str, found: FoundAs) -> servicediscovery.Service:
    """What the tasks of a service are registered in, as a child of `parent`: one address for each task that runs."""
    return servicediscovery.Service(
        name,
        name=found.name,
        dns_config=servicediscovery.ServiceDnsConfigArgs(
            namespace_id=found.namespace_id,
            routing_policy="MULTIVALUE",
            dns_records=[servicediscovery.ServiceDnsConfigDnsRecordArgs(type="A", ttl=_SECONDS_CACHED)],
        ),
        # ECS takes its tasks out when they stop; what a failure left registered shall not keep the service.
        force_destroy=True,
        opts=parent.child(),
    )
