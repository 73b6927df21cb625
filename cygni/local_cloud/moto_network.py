"""Where moto 5.2 differs from AWS in the parts of a network, put right in this process. Each with its reason."""

from __future__ import annotations

import functools
from typing import Any

from cygni.local_cloud.patching import after, before


def fix_flow_logs() -> None:
    from moto.ec2.models.flow_logs import FlowLogsBackend

    original = FlowLogsBackend.create_flow_logs

    @functools.wraps(original)
    def create_flow_logs(backend: Any, *args: Any, **named: Any) -> Any:
        """AWS takes a log group by its ARN too; moto then looks for one without a name, and reports a failure."""
        destination = named.get("log_destination") or ""
        if ":log-group:" in destination and not named.get("log_group_name"):
            named["log_group_name"] = destination.partition(":log-group:")[2].removesuffix(":*")
        return original(backend, *args, **named)

    FlowLogsBackend.create_flow_logs = create_flow_logs


def fix_network_interfaces() -> None:
    """Where a VPC gives no names, moto's interfaces do not even have the attribute, and RunTask fails over it. A
    security group that an interface names and nobody has, moto makes up: one deleted a moment ago would be back."""
    from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    def refuse_unknown_groups(
        backend: Any,
        subnet: Any,
        private_ip_address: Any,
        private_ip_addresses: Any = None,
        group_ids: Any = None,
        *args: Any,
        **named: Any,
    ) -> None:
        for group in group_ids or ():
            if backend.get_security_group_from_id(group) is None:
                raise InvalidSecurityGroupNotFoundError(group)

    NetworkInterface.private_dns_name = ""
    before(EC2Backend, "create_network_interface", refuse_unknown_groups)


def fix_network_acls() -> None:
    from moto.ec2.responses.network_acls import NetworkACLs

    def keep_icmp(response: Any, answer: Any) -> None:
        """moto looks for the type and code of ICMP under names that a request does not have."""
        acl = response.ec2_backend.get_network_acl(response._get_param("NetworkAclId"))  # noqa: SLF001
        entry = acl.network_acl_entries[-1]
        entry.icmp_type = response._get_param("IcmpTypeCode.Type")  # noqa: SLF001
        entry.icmp_code = response._get_param("IcmpTypeCode.Code")  # noqa: SLF001

    after(NetworkACLs, "create_network_acl_entry", keep_icmp)
