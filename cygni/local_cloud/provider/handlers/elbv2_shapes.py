"""How ELB writes down attributes, health checks and actions. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.compare import as_text
from cygni.local_cloud.provider.handlers.base import URN_TAG, State
from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.wire import Values

# Property (or its members) -> attribute key, as ModifyLoadBalancerAttributes takes it.
Keys = Mapping[str, "str | Mapping[str, str]"]


def _logs(prefix: str) -> dict[str, str]:
    return {name: f"{prefix}.s3.{name}" for name in ("enabled", "bucket", "prefix")}


LOAD_BALANCER: Keys = {
    "accessLogs": _logs("access_logs"),
    "connectionLogs": _logs("connection_logs"),
    "healthCheckLogs": _logs("health_check_logs"),
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
_EVERY_KIND = {"accessLogs", "enableCrossZoneLoadBalancing", "enableDeletionProtection", "enableZonalShift"}
_ONLY_NETWORK = {"dnsRecordClientRoutingPolicy"}

TARGET_GROUP: Keys = {
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
    "stickiness": {
        "enabled": "stickiness.enabled",
        "type": "stickiness.type",
        "cookieDuration": "stickiness.lb_cookie.duration_seconds",
        "cookieName": "stickiness.app_cookie.cookie_name",
    },
}


def _header(way: str, name: str, ending: str) -> tuple[str, str]:
    """routingHttpRequestXAmznTlsVersionHeaderName: routing.http.request.x_amzn_tls_version.header_name"""
    words = "".join(part.capitalize() for part in name.split("_"))
    last = "".join(part.capitalize() for part in ending.split("_"))
    return f"routingHttp{way.capitalize()}{words}{last}", f"routing.http.{way}.{name}.{ending}"


_REQUEST_HEADERS = (
    "x_amzn_mtls_clientcert", "x_amzn_mtls_clientcert_issuer", "x_amzn_mtls_clientcert_leaf",
    "x_amzn_mtls_clientcert_serial_number", "x_amzn_mtls_clientcert_subject",
    "x_amzn_mtls_clientcert_validity", "x_amzn_tls_cipher_suite", "x_amzn_tls_version",
)  # fmt: skip
_RESPONSE_HEADERS = (
    "access_control_allow_credentials", "access_control_allow_headers", "access_control_allow_methods",
    "access_control_allow_origin", "access_control_expose_headers", "access_control_max_age",
    "content_security_policy", "strict_transport_security", "x_content_type_options", "x_frame_options",
)  # fmt: skip
LISTENER: Keys = {
    "routingHttpResponseServerEnabled": "routing.http.response.server.enabled",
    "tcpIdleTimeoutSeconds": "tcp.idle_timeout.seconds",
    **dict(_header("request", name, "header_name") for name in _REQUEST_HEADERS),
    **dict(_header("response", name, "header_value") for name in _RESPONSE_HEADERS),
}

_HEALTH_CHECK = {
    "enabled": "HealthCheckEnabled",
    "healthyThreshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}

_ACTION = {
    "forward": "ForwardConfig",
    "redirect": "RedirectConfig",
    "fixedResponse": "FixedResponseConfig",
    "authenticateOidc": "AuthenticateOidcConfig",
    "authenticateCognito": "AuthenticateCognitoConfig",
    "jwtValidation": "JwtValidationConfig",
    "stickiness": "TargetGroupStickinessConfig",
    "duration": "DurationSeconds",
    "arn": "TargetGroupArn",
}


def applicable(kind: str) -> set[str]:
    """Attributes that a load balancer of this type has."""
    if kind == "application":
        return set(LOAD_BALANCER) - _ONLY_NETWORK
    return _EVERY_KIND | (_ONLY_NETWORK if kind == "network" else set())


def attributes(keys: Keys, inputs: State, names: Iterable[str]) -> list[dict[str, str]]:
    """Key/value pairs for the named properties; one that was taken away goes back to its default."""
    result: list[dict[str, str]] = []
    for name in sorted(names):
        key, value = keys[name], inputs.get(name)
        if isinstance(key, str):
            if value is not None:
                result.append({"Key": key, "Value": as_text(value)})
            continue
        members = value if isinstance(value, Mapping) else {"enabled": False}
        for member, inner in key.items():
            if members.get(member) is not None and not _misplaced(name, member, members):
                result.append({"Key": inner, "Value": as_text(members[member])})
    return result


def _misplaced(name: str, member: str, members: State) -> bool:
    """A cookie's duration belongs to the load balancer's own cookie, its name to the application's."""
    if name != "stickiness":
        return False
    owner = {"cookieDuration": "lb_cookie", "cookieName": "app_cookie"}.get(member)
    return owner is not None and members.get("type") != owner


def from_attributes(keys: Keys, properties: Mapping[str, Property], pairs: Iterable[State]) -> Values:
    """Properties from the pairs an API lists; what it does not list is left out."""
    values = {pair["Key"]: pair.get("Value", "") for pair in pairs}
    result: Values = {}
    for name, key in keys.items():
        prop = properties[name]
        if isinstance(key, str):
            if key in values:
                result |= shapes.outputs({name: prop}, {name: values[key]})
            continue
        found = {member: values[inner] for member, inner in key.items() if inner in values}
        if found:
            result[name] = shapes.outputs(prop.nested, {m: v for m, v in found.items() if v != ""})
    return result


def stickiness(found: Values | None, known: Any) -> Values | None:
    """Stickiness as the program writes it: nothing at all where it is off and was never mentioned."""
    if not found or (known is None and not found.get("enabled")):
        return None
    if known is not None and "type" not in found:
        found = {**found, "type": known.get("type")}
    if found.get("type") == "app_cookie" and isinstance(known, Mapping):
        found = {**found, "cookieDuration": known.get("cookieDuration")}
    return found


def health_check(inputs: State) -> dict[str, Any]:
    """The health check parameters of CreateTargetGroup and ModifyTargetGroup."""
    given = inputs.get("healthCheck") or {}
    wanted = {member: given[name] for name, member in _HEALTH_CHECK.items() if given.get(name) is not None}
    if "HealthCheckPort" in wanted:
        wanted["HealthCheckPort"] = as_text(wanted["HealthCheckPort"])
    if given.get("matcher"):
        grpc = inputs.get("protocolVersion") == "GRPC"
        wanted["Matcher"] = {"GrpcCode" if grpc else "HttpCode": as_text(given["matcher"])}
    return wanted


def health_check_of(group: State) -> Values:
    found = {name: group[member] for name, member in _HEALTH_CHECK.items() if group.get(member) is not None}
    matcher = group.get("Matcher") or {}
    if matcher.get("HttpCode") or matcher.get("GrpcCode"):
        found["matcher"] = matcher.get("HttpCode") or matcher.get("GrpcCode")
    return found


def mapping(zone: State) -> Values:
    """The subnet mapping of one availability zone of a load balancer."""
    found: Values = {"subnetId": zone.get("SubnetId")}
    for address in zone.get("LoadBalancerAddresses") or []:
        found |= {
            name: address[member]
            for name, member in (
                ("allocationId", "AllocationId"),
                ("privateIpv4Address", "PrivateIPv4Address"),
            )
            if address.get(member)
        }
    return found


def actions(client: Any, given: list[State]) -> list[dict[str, Any]]:
    """Actions in the API's words; each has an order, its place in the list unless given."""
    converted: list[dict[str, Any]] = shapes.value(client, "Actions", given, rename=_ACTION)
    for index, action in enumerate(converted):
        action.setdefault("Order", index + 1)
        # Given both ways, the API wants the same groups in both; the list says all of it.
        if "ForwardConfig" in action:
            action.pop("TargetGroupArn", None)
    return converted


def actions_of(nested: Mapping[str, Property], found: list[State], known: Any) -> list[Values]:
    """Actions as the program writes them: one target group as `targetGroupArn` or as a `forward` block."""
    before = known if isinstance(known, list) else []
    ordered = sorted(found, key=lambda action: action.get("Order", 0))
    result = []
    for index, action in enumerate(ordered):
        was = before[index] if index < len(before) and isinstance(before[index], Mapping) else {}
        result.append(_action_of(shapes.outputs(nested, action, rename=_ACTION), was, index))
    return result


def _action_of(action: Values, was: State, index: int) -> Values:
    action.setdefault("order", index + 1)
    forward = action.get("forward")
    if not isinstance(forward, dict):
        # Some answers name a single group only by its ARN, whatever form it was given in.
        if was.get("forward") and action.get("targetGroupArn") and not was.get("targetGroupArn"):
            arn = action.pop("targetGroupArn")
            action["forward"] = {"targetGroups": [{"arn": arn, "weight": 1}]}
        return action
    if not (was.get("forward") or {}).get("stickiness") and not forward.get("stickiness", {}).get("enabled"):
        forward.pop("stickiness", None)
    groups = forward.get("targetGroups") or []
    if was.get("forward") and not was.get("targetGroupArn"):
        action.pop("targetGroupArn", None)
    elif not was.get("forward") and len(groups) == 1:
        action["targetGroupArn"] = action.get("targetGroupArn") or groups[0].get("arn")
        del action["forward"]
    return action


def suffix(inputs: State) -> str:
    """What makes a name with a prefix unique, the same for the same resource."""
    urn = (inputs.get("tagsAll") or {}).get(URN_TAG) or repr(sorted(inputs.items(), key=str))
    return f"{zlib.crc32(str(urn).encode()):08x}"
