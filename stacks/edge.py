"""The entrance of an environment: its load balancer, the names that lead there, and their certificates."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.certificate import Certificates, CertificatesArgs
from components.dns import Names, NamesArgs, Zone, ZoneArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from stacks.inputs import DomainInputs, FoundationInputs


def entrance(
    name: str, inputs: FoundationInputs, vpc_id: pulumi.Input[str], subnet_ids: Sequence[pulumi.Input[str]]
) -> None:
    """Declares it. Outputs: listenerArn, loadBalancerSecurityGroupId, loadBalancerDnsName, entranceUrl, and with a
    domain nameServers."""
    domain = inputs.domain
    if domain is None:
        balancer = LoadBalancer(name, LoadBalancerArgs(vpc_id=vpc_id, subnet_ids=subnet_ids))
        _export(balancer)
        pulumi.export("entranceUrl", pulumi.Output.concat("http://", balancer.balancer.dns_name))
        return
    zone = Zone(name, ZoneArgs(zone=domain.zone, create=domain.create_zone))
    certificates = Certificates(name, CertificatesArgs(names=domain.names, zone_id=zone.zone_id))
    balancer = LoadBalancer(
        name, LoadBalancerArgs(vpc_id=vpc_id, subnet_ids=subnet_ids, certificates=certificates.arns)
    )
    _export(balancer)
    _names(name, domain, zone, balancer)
    pulumi.export("nameServers", zone.name_servers)
    pulumi.export("entranceUrl", f"https://{domain.names[0]}")


def _names(name: str, domain: DomainInputs, zone: Zone, balancer: LoadBalancer) -> None:
    Names(
        name,
        NamesArgs(
            zone_id=zone.zone_id,
            names=domain.names,
            target=balancer.balancer.dns_name,
            target_zone_id=balancer.balancer.zone_id,
        ),
    )


def _export(balancer: LoadBalancer) -> None:
    pulumi.export("listenerArn", balancer.listener.arn)
    pulumi.export("loadBalancerSecurityGroupId", balancer.security_group.id)
    pulumi.export("loadBalancerDnsName", balancer.balancer.dns_name)
