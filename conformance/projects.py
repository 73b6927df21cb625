"""The projects that are compared: every component there is, and a change of each."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import yaml

from cygni.spec import ProjectSpec, parse_spec
from tests.every_section import EVERYTHING

NOT_JUDGED: Mapping[str, str] = {
    "domain.cdn": "the provider (5.100) crashes on moto's answer about a CloudFront distribution",
    "security.security_hub": "the provider does not find the Security Hub account that moto has just made",
}
"""Switches that are off in what is compared, each with the reason."""


def _whole() -> dict[str, Any]:
    document = copy.deepcopy(dict(EVERYTHING))
    for path in NOT_JUDGED:
        section, _, key = path.partition(".")
        del document[section][key]
    return document


def _changed() -> dict[str, Any]:
    document = _whole()
    document["services"]["web"] |= {"port": 9090, "cpu": 512, "memory": 1024}
    document["services"]["api"]["path"] = "/v2"
    del document["services"]["mailer"]["spot"]
    document["databases"]["main"]["storage"] = 60
    document["queues"]["mail"]["visibility_timeout"] = 60
    document["kubernetes"]["node_groups"]["general"]["spot"] = True
    return document


WHOLE: Mapping[str, Any] = _whole()
CHANGED: Mapping[str, Any] = _changed()


def spec(document: Mapping[str, Any], environment: str) -> ProjectSpec:
    """The specification in `document` for an environment."""
    return parse_spec(yaml.safe_dump(dict(document), sort_keys=False), "cygni.yaml", environment)
