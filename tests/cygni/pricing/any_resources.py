"""Any resources, also with inputs nobody would write, for tests of what holds for all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from cygni.pricing import estimators
from cygni.pricing.estimators import FREE_TYPES, priced_types
from cygni.resources import UNKNOWN, Resource

REGIONS = ["us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "mars-north-1", ""]

_SOURCES = "".join(
    file.read_text("utf-8") for file in sorted((Path(estimators.__file__).parent).glob("*.py"))
)
_READ = re.findall(r'(?:text|whole|number|flag|count|is_set|units)\(\s*"([\w.]+)"', _SOURCES)
_FOLLOWED = sorted(set(re.findall(r'through\(\s*"(\w+)"', _SOURCES)))

# Every input some estimator reads, so that odd values reach the code that reads them.
INPUTS = [
    "allocationId", "assignPublicIp", "availabilityMode", "availabilityZoneAddresses", "base", "capacityProvider",
    "capacityProviderStrategies", "certificateAuthorityArn", "cluster", "clusterName", "cpu", "cpuArchitecture",
    "customerMasterKeySpec", "defaultCapacityProviderStrategies", "desiredCount", "ephemeralStorage", "export",
    "expression", "family", "instance", "internal", "ipAddressType", "launchType", "loadBalancerType",
    "loadBalancers", "logGroupClass", "maxCapacity", "memory", "metric", "metricQueries", "name",
    "networkConfiguration", "operatingSystemFamily", "options", "period", "policyType", "publicIpv4Pool", "region",
    "replicas", "requiresCompatibilities", "retentionInDays", "runtimePlatform", "settings", "sizeInGib",
    "subnetConfigurations", "subnetIds", "subnetMappings", "subnets", "taskDefinition", "thresholdMetricId",
    "value", "vpcEndpointType", "weight",
]  # fmt: skip
INPUTS = sorted({*INPUTS, *(name for path in _READ for name in path.split("."))})
WORDS = [
    "FARGATE", "FARGATE_SPOT", "EC2", "ARM64", "LINUX", "application", "network", "gateway", "Interface", "Gateway",
    "regional", "containerInsights", "enabled", "TargetTrackingScaling", "256", ".25 vCPU", "0.5 GB", "web",
    "arn:aws:ecs:us-east-1:1:task-definition/web:3", "[secret]", "true", "9" * 400, "-1", "NaN", "Infinity", "1e400", "db.serverless", "m5.large", "SPOT", "aurora",
]  # fmt: skip

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 5)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
    | st.just(UNKNOWN)
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INPUTS), inner, max_size=4),
    max_leaves=12,
)
# Ordinary inputs, for odd ones to be laid over: so that they reach further than the first line.
ORDINARY: dict[str, dict[str, Any]] = {
    "aws:ecs/service:Service": {"desiredCount": 2, "launchType": "FARGATE", "taskDefinition": "web"},
    "aws:ecs/taskDefinition:TaskDefinition": {"family": "web", "cpu": "256", "memory": "512"},
    "aws:lb/loadBalancer:LoadBalancer": {"subnets": ["a", "b"]},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"vpcEndpointType": "Interface", "subnetIds": ["a"]},
}
_types = st.sampled_from(
    [*priced_types(), *list(FREE_TYPES)[:5], "aws:medialive/channel:Channel", "cygni:network:Network"]
)


@st.composite
def stacks(draw: st.DrawFn) -> list[Resource]:
    """Up to eight resources that may refer to one another."""
    tokens = draw(st.lists(_types | st.sampled_from(sorted(ORDINARY)), max_size=8))
    urns = [f"urn:pulumi:dev::shop::{token}::n{number}" for number, token in enumerate(tokens)]
    return [
        Resource(
            urn,
            token,
            urn.rsplit("::", 1)[-1],
            ORDINARY.get(token, {}) | draw(st.dictionaries(st.sampled_from(INPUTS), _values, max_size=6)),
            draw(st.sampled_from(REGIONS)),
            draw(
                st.dictionaries(
                    st.sampled_from(
                        ["taskDefinition", "cluster", "subnetIds", "resourceId", "allocationId", *_FOLLOWED]
                    ),
                    st.lists(st.sampled_from([*urns, "urn:elsewhere"]), max_size=2).map(tuple),
                    max_size=2,
                )
            ),
        )
        for token, urn in zip(tokens, urns, strict=True)
    ]
