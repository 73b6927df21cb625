"""Who gets the requests: the weights of a listener's rule."""

from __future__ import annotations

from typing import Any

from cygni.naming import Colour
from cygni.releases.observed import Weights
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.running import Running, RunningService


class ListenerTraffic:
    """Moves the weights of the rules that Pulumi has made and does not look at any more."""

    def __init__(self, clients: Clients, running: Running) -> None:
        self._clients = clients
        self._running = running

    def shift(self, service: str, weights: Weights) -> None:
        """Divides the requests between the colours (ModifyRule)."""
        one = self._running.service(service)
        groups = [
            {"TargetGroupArn": one.target_groups[colour], "Weight": weights.get(colour, 0)}
            for colour in Colour
        ]
        with asking(f"the traffic of {service} was not moved"):
            self._clients("elbv2").modify_rule(
                RuleArn=one.rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
            )


def weights_of(service: RunningService, rule: dict[str, Any]) -> Weights:
    """The weights of a rule as DescribeRules tells it, in whole percent of what goes to either colour."""
    colours = {arn: colour for colour, arn in service.target_groups.items()}
    given = dict.fromkeys(Colour, 0)
    for action in rule.get("Actions", []):
        for group in _groups(action):
            if group["TargetGroupArn"] in colours:
                given[colours[group["TargetGroupArn"]]] += int(group.get("Weight", 1))
    total = sum(given.values())
    if not total:
        return given
    blue = round(100 * given[Colour.BLUE] / total)
    return {Colour.BLUE: blue, Colour.GREEN: 100 - blue}


def _groups(action: dict[str, Any]) -> list[dict[str, Any]]:
    """The target groups of an action, which a rule with one group names alone."""
    groups: list[dict[str, Any]] = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    alone = action.get("TargetGroupArn")
    return groups or ([{"TargetGroupArn": alone, "Weight": 1}] if alone else [])
