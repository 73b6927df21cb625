"""Amazon MQ: brokers of ActiveMQ and RabbitMQ, and their storage."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Reading, choice, constant, derived, is_one_of, named, text, times, use

_ENGINE: Final = derived(text("engineType"), str.lower)
_MODE: Final = text("deploymentMode", "SINGLE_INSTANCE")
_BROKERS: Final[Reading[Decimal]] = named(
    _MODE,
    {"SINGLE_INSTANCE": Decimal(1), "ACTIVE_STANDBY_MULTI_AZ": Decimal(1), "CLUSTER_MULTI_AZ": Decimal(3)},
    "the deployment mode",
)
_DEPLOYMENT: Final = choice(is_one_of(_MODE, "SINGLE_INSTANCE"), constant("Single-AZ"), constant("Multi-AZ"))
_KIND: Final = choice(is_one_of(_ENGINE, "activemq"), text("storageType", "efs"), text("storageType", "ebs"))

ESTIMATORS: Final = (
    priced(
        "aws:mq/broker:Broker",
        parts=(
            Part(
                fixed("{engine} broker {instance_type}, {deployment}", "AmazonMQ", "broker", "hour"),
                _BROKERS,
                by={"engine": _ENGINE, "instance_type": text("hostInstanceType"), "deployment": _DEPLOYMENT},
            ),
            Part(
                by_usage("storage", "AmazonMQ", "storage", "GB-month", "broker_gb"),
                times(_BROKERS, use("broker_gb")),
                by={"engine": _ENGINE, "storage_type": derived(_KIND, str.lower)},
            ),
        ),
        notes=(
            "A cluster of RabbitMQ has three brokers; an active one with a standby has one price.",
            "ActiveMQ keeps messages on EFS unless said otherwise, RabbitMQ on EBS.",
        ),
    ),
)
