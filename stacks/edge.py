"""The entrance of an environment: its load balancer, and what stands before it and leads there."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_aws import ec2

from components.cdn import ORIGIN_FACING, Cdn, CdnArgs
from components.certificate import Certificates, CertificatesArgs
from components.dns import Names, NamesArgs, Zone, ZoneArgs
from components.firewall import Firewall, FirewallArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from stacks.inputs import DomainInputs, FoundationInputs


def entrance(
    name: str, inputs: FoundationInputs, vpc_id: pulumi.Input[str], subnet_ids: Sequence[pulumi.Input[str]]
) -> None:
    """Declares it. Outputs: listenerArn, loadBalancerSecurityGroupId, loadBalancerDnsName, loadBalancerZoneId,
    entranceUrl, with a domain nameServers, and with certificates of a control plane's domains these as domains."""
    domain = inputs.domain
    given = dict(inputs.certificates)
    if domain is None:
        balancer = LoadBalancer(
            name, LoadBalancerArgs(vpc_id=vpc_id, subnet_ids=subnet_ids, further_certificates=given)
        )
    else:
        balancer = _named(name, inputs, domain, vpc_id, subnet_ids)
    names = [*(domain.names if domain else ()), *given]
    own = pulumi.Output.concat("http://", balancer.balancer.dns_name)
    pulumi.export("entranceUrl", f"https://{names[0]}" if names else own)
    if given:
        pulumi.export("domains", list(given))
    if inputs.firewall is not None and not (domain and domain.cdn):
        Firewall(
            name,
            FirewallArgs(
                rate_limit=inputs.firewall.rate_limit,
                scope="REGIONAL",
                protects=[balancer.balancer.arn],
            ),
        )
    pulumi.export("listenerArn", balancer.listener.arn)
    pulumi.export("loadBalancerSecurityGroupId", balancer.security_group.id)
    pulumi.export("loadBalancerDnsName", balancer.balancer.dns_name)
    pulumi.export("loadBalancerZoneId", balancer.balancer.zone_id)


def _named(
    name: str,
    inputs: FoundationInputs,
    domain: DomainInputs,
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
) -> LoadBalancer:
    """A load balancer that the names of the domain lead to."""
    zone = Zone(name, ZoneArgs(zone=domain.zone, create=domain.create_zone))
    certificates = Certificates(
        name, CertificatesArgs(names=domain.names, zone_id=zone.zone_id, cdn=domain.cdn)
    )
    balancer = LoadBalancer(
        name,
        LoadBalancerArgs(
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            certificates=certificates.arns,
            further_certificates=dict(inputs.certificates),
            only_from=ec2.get_managed_prefix_list(name=ORIGIN_FACING).id if domain.cdn else None,
        ),
    )
    target, target_zone = balancer.balancer.dns_name, balancer.balancer.zone_id
    if certificates.cdn_arn is not None:
        cdn = _cdn(name, inputs, domain, balancer, certificates.cdn_arn)
        target, target_zone = cdn.distribution.domain_name, cdn.distribution.hosted_zone_id
    Names(
        name,
        NamesArgs(
            zone_id=zone.zone_id,
            names=domain.names,
            target=target,
            target_zone_id=target_zone,
            ipv6=domain.cdn,
        ),
    )
    pulumi.export("nameServers", zone.name_servers)
    return balancer


def _cdn(
    name: str,
    inputs: FoundationInputs,
    domain: DomainInputs,
    balancer: LoadBalancer,
    certificate_arn: pulumi.Input[str],
) -> Cdn:
    """The firewall stands before CloudFront: the load balancer sees CloudFront's addresses, not the viewers'."""
    firewall = None
    if inputs.firewall is not None:
        firewall = Firewall(
            f"{name}-cdn", FirewallArgs(rate_limit=inputs.firewall.rate_limit, scope="CLOUDFRONT")
        )
    return Cdn(
        name,
        CdnArgs(
            origin=balancer.balancer.dns_name,
            names=domain.names,
            certificate_arn=certificate_arn,
            web_acl_arn=firewall.acl.arn if firewall else None,
        ),
    )
