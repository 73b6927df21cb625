"""Load balancer, target group, listener and listener rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.compare import as_text, is_empty
from cygni.local_cloud.provider.handlers import elbv2_shapes as parts
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_NOT_SENT = ("tags", "tagsAll", "region")


class Elbv2Handler(Handler):
    """A resource that is known by its ARN, with tags and, mostly, key/value attributes."""

    def _described(self, at: At, method: str, listed: str, **parameters: Any) -> dict[str, Any] | None:
        try:
            items = getattr(at.client("elbv2"), method)(**parameters)[listed]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return dict(items[0]) if items else None

    def _tags(self, at: At, arn: str) -> dict[str, str]:
        described = at.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return tag_map(described[0]["Tags"]) if described else {}

    def _update_tags(self, at: At, arn: str, olds: State, news: State) -> None:
        put, removed = tag_changes(olds, news)
        if removed:
            at.client("elbv2").remove_tags(ResourceArns=[arn], TagKeys=removed)
        if put:
            at.client("elbv2").add_tags(ResourceArns=[arn], Tags=tag_list(put))

    def _tagged(self, inputs: State) -> dict[str, Any]:
        tags = tag_list(inputs.get("tagsAll"))
        return {"Tags": tags} if tags else {}


class LoadBalancer(Elbv2Handler):
    token = "aws:lb/loadBalancer:LoadBalancer"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("elbv2")
        wanted = shapes.request(
            client, "CreateLoadBalancer", inputs, rename={"loadBalancerType": "Type"}, drop=_NOT_SENT
        )
        wanted.setdefault("Name", f"{inputs.get('namePrefix', '')}{parts.suffix(inputs)}"[:32])
        wanted["Scheme"] = "internal" if inputs.get("internal") else "internet-facing"
        # ELB answers a repeated create of equal parameters with the balancer that exists: not ours to take.
        found = self.find(at, {**inputs, "name": wanted["Name"]})
        if found and not self.owned(at, found[0], inputs):
            raise RuntimeError(f"a load balancer named {wanted['Name']} exists already")
        if found:
            return found[0]
        answer = client.create_load_balancer(**wanted, **self._tagged(inputs))
        return str(answer["LoadBalancers"][0]["LoadBalancerArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        defaults = {name: prop.default for name, prop in self.properties.items()}
        given = {name for name in parts.LOAD_BALANCER if inputs.get(name) not in (None, defaults.get(name))}
        self._put_attributes(at, id, inputs, given)

    def _put_attributes(self, at: At, id: str, inputs: State, names: set[str]) -> None:
        kind = str(inputs.get("loadBalancerType") or "application")
        wanted = parts.attributes(parts.LOAD_BALANCER, inputs, names & parts.applicable(kind))
        if wanted:
            at.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=id, Attributes=wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        balancer = self._described(at, "describe_load_balancers", "LoadBalancers", LoadBalancerArns=[id])
        if balancer is None:
            return None
        rename = {"loadBalancerType": "Type", "name": "LoadBalancerName", "arn": "LoadBalancerArn"}
        found = shapes.outputs(self.properties, balancer, rename=rename)
        answer = at.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=id)
        kind = str(balancer.get("Type") or "application")
        names = {name: key for name, key in parts.LOAD_BALANCER.items() if name in parts.applicable(kind)}
        found |= parts.from_attributes(names, self.properties, answer["Attributes"])
        for name in ("accessLogs", "connectionLogs", "healthCheckLogs"):
            if name not in known and is_empty(found.get(name)):
                found.pop(name, None)
        zones = balancer.get("AvailabilityZones", [])
        return found | {
            "internal": balancer.get("Scheme") == "internal",
            "subnets": [zone["SubnetId"] for zone in zones],
            "subnetMappings": [parts.mapping(zone) for zone in zones],
            "securityGroups": balancer.get("SecurityGroups", []),
            "arnSuffix": id.partition("loadbalancer/")[2],
            "zoneId": balancer.get("CanonicalHostedZoneId"),
            "tagsAll": self._tags(at, id),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("elbv2")
        self._put_attributes(at, id, news, set(changed) & parts.LOAD_BALANCER.keys())
        if "securityGroups" in changed:
            client.set_security_groups(LoadBalancerArn=id, SecurityGroups=news.get("securityGroups") or [])
        if "subnets" in changed and news.get("subnets"):
            client.set_subnets(LoadBalancerArn=id, Subnets=news["subnets"])
        elif "subnetMappings" in changed and news.get("subnetMappings"):
            mappings = shapes.value(client, "SubnetMappings", news["subnetMappings"])
            client.set_subnets(LoadBalancerArn=id, SubnetMappings=mappings)
        if "ipAddressType" in changed:
            client.set_ip_address_type(LoadBalancerArn=id, IpAddressType=news["ipAddressType"])
        self._update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("elbv2").delete_load_balancer(LoadBalancerArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        if not inputs.get("name"):
            return []
        found = self._described(at, "describe_load_balancers", "LoadBalancers", Names=[inputs["name"]])
        return [found["LoadBalancerArn"]] if found else []


class TargetGroup(Elbv2Handler):
    token = "aws:lb/targetGroup:TargetGroup"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("elbv2")
        wanted = shapes.request(client, "CreateTargetGroup", inputs, drop=(*_NOT_SENT, "healthCheck"))
        wanted.setdefault("Name", f"{inputs.get('namePrefix', '')}{parts.suffix(inputs)}"[:32])
        wanted |= parts.health_check(inputs)
        found = self.find(at, {**inputs, "name": wanted["Name"]})
        if found and not self.owned(at, found[0], inputs):
            raise RuntimeError(f"a target group named {wanted['Name']} exists already")
        if found:
            return found[0]
        answer = client.create_target_group(**wanted, **self._tagged(inputs))
        return str(answer["TargetGroups"][0]["TargetGroupArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        defaults = {name: prop.default for name, prop in self.properties.items()}
        given = {name for name in parts.TARGET_GROUP if inputs.get(name) not in (None, defaults.get(name))}
        self._put_attributes(at, id, inputs, given)

    def _put_attributes(self, at: At, id: str, inputs: State, names: set[str]) -> None:
        wanted = parts.attributes(parts.TARGET_GROUP, inputs, names)
        if wanted:
            at.client("elbv2").modify_target_group_attributes(TargetGroupArn=id, Attributes=wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        group = self._described(at, "describe_target_groups", "TargetGroups", TargetGroupArns=[id])
        if group is None:
            return None
        rename = {"arn": "TargetGroupArn", "name": "TargetGroupName", "healthCheck": ""}
        found = shapes.outputs(self.properties, group, rename=rename)
        answer = at.client("elbv2").describe_target_group_attributes(TargetGroupArn=id)
        found |= parts.from_attributes(parts.TARGET_GROUP, self.properties, answer["Attributes"])
        found["stickiness"] = parts.stickiness(found.get("stickiness"), known.get("stickiness"))
        return found | {
            "healthCheck": parts.health_check_of(group),
            "arnSuffix": id.rpartition(":")[2],
            "loadBalancerArns": group.get("LoadBalancerArns", []),
            "tagsAll": self._tags(at, id),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "healthCheck" in changed and news.get("healthCheck"):
            at.client("elbv2").modify_target_group(TargetGroupArn=id, **parts.health_check(news))
        self._put_attributes(at, id, news, set(changed) & parts.TARGET_GROUP.keys())
        self._update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("elbv2").delete_target_group(TargetGroupArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        if not inputs.get("name"):
            return []
        found = self._described(at, "describe_target_groups", "TargetGroups", Names=[inputs["name"]])
        return [found["TargetGroupArn"]] if found else []


class Listener(Elbv2Handler):
    token = "aws:lb/listener:Listener"

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        client = at.client("elbv2")
        drop = (*_NOT_SENT, "defaultActions", "certificateArn")
        wanted = shapes.request(client, "CreateListener", inputs, drop=drop)
        wanted["DefaultActions"] = parts.actions(client, inputs["defaultActions"])
        if inputs.get("certificateArn"):
            wanted["Certificates"] = [{"CertificateArn": inputs["certificateArn"]}]
        if "Protocol" not in wanted and "/gwy/" not in inputs["loadBalancerArn"]:
            wanted["Protocol"] = "HTTPS" if inputs.get("certificateArn") else "HTTP"
        return wanted

    def create(self, at: At, inputs: State) -> str:
        try:
            answer = at.client("elbv2").create_listener(**self._wanted(at, inputs), **self._tagged(inputs))
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "DuplicateListener" else []
            if not found or not self.owned(at, found[0], inputs):
                raise
            return found[0]
        return str(answer["Listeners"][0]["ListenerArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._put_attributes(
            at, id, inputs, {name for name in parts.LISTENER if inputs.get(name) is not None}
        )

    def _put_attributes(self, at: At, id: str, inputs: State, names: set[str]) -> None:
        wanted = parts.attributes(parts.LISTENER, inputs, names)
        if wanted:
            at.client("elbv2").modify_listener_attributes(ListenerArn=id, Attributes=wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        listener = self._described(at, "describe_listeners", "Listeners", ListenerArns=[id])
        if listener is None:
            return None
        rename = {"arn": "ListenerArn", "defaultActions": ""}
        found = shapes.outputs(self.properties, listener, rename=rename)
        certificates = listener.get("Certificates") or [{}]
        policy = listener.get("AlpnPolicy")
        actions = parts.actions_of(
            self.properties["defaultActions"].nested, listener["DefaultActions"], known.get("defaultActions")
        )
        return found | {
            "defaultActions": actions,
            "certificateArn": certificates[0].get("CertificateArn"),
            "alpnPolicy": policy[0] if isinstance(policy, list) and policy else None,
            "tagsAll": self._tags(at, id),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        attributes = set(changed) & parts.LISTENER.keys()
        if changed - attributes - {"tags", "tagsAll"}:
            wanted = self._wanted(at, news)
            del wanted["LoadBalancerArn"]
            at.client("elbv2").modify_listener(ListenerArn=id, **wanted)
        self._put_attributes(at, id, news, attributes)
        self._update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("elbv2").delete_listener(ListenerArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        client = at.client("elbv2")
        listeners: list[dict[str, Any]] = []
        with unless_gone():
            listeners = client.describe_listeners(LoadBalancerArn=inputs["loadBalancerArn"])["Listeners"]
        return [item["ListenerArn"] for item in listeners if item.get("Port") == inputs.get("port")]


class ListenerRule(Elbv2Handler):
    token = "aws:lb/listenerRule:ListenerRule"

    _PARTS: ClassVar = frozenset({"actions", "conditions", "transforms"})
    _FIELDS: ClassVar = {
        "hostHeader": "host-header",
        "httpHeader": "http-header",
        "httpRequestMethod": "http-request-method",
        "pathPattern": "path-pattern",
        "queryStrings": "query-string",
        "sourceIp": "source-ip",
    }

    def _wanted(self, at: At, inputs: State, names: Collection[str]) -> dict[str, Any]:
        """Those of the rule's parts that `names` holds, in the API's words."""
        client = at.client("elbv2")
        wanted: dict[str, Any] = {}
        if "actions" in names:
            wanted["Actions"] = parts.actions(client, inputs["actions"])
        if "conditions" in names:
            wanted["Conditions"] = [self._condition(client, item) for item in inputs["conditions"]]
        if "transforms" in names and inputs.get("transforms"):
            wanted["Transforms"] = shapes.value(client, "RuleTransformList", inputs["transforms"])
        return wanted

    def _condition(self, client: Any, condition: State) -> dict[str, Any]:
        name = next(name for name in self._FIELDS if condition.get(name))
        config = name[0].upper() + name[1:].removesuffix("s") + "Config"
        if name == "queryStrings":
            pairs = [{k.capitalize(): v for k, v in pair.items()} for pair in condition[name]]
            return {"Field": "query-string", "QueryStringConfig": {"Values": pairs}}
        return {
            "Field": self._FIELDS[name],
            config: shapes.value(client, config[:-6] + "ConditionConfig", condition[name]),
        }

    def _condition_of(self, condition: Mapping[str, Any]) -> Values:
        nested = self.properties["conditions"].nested
        for name, field in self._FIELDS.items():
            if condition.get("Field") != field:
                continue
            config = name[0].upper() + name[1:].removesuffix("s") + "Config"
            answer = condition.get(config) or {"Values": condition.get("Values", [])}
            if name == "queryStrings":
                pairs = answer.get("Values", [])
                return {name: [{key.lower(): value for key, value in pair.items()} for pair in pairs]}
            return {name: shapes.outputs(nested[name].nested, answer)}
        return {}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("elbv2")
        listener = inputs["listenerArn"]
        with at.cloud.exclusively(listener):
            priority = inputs.get("priority") or self._next_priority(at, listener)
            try:
                answer = client.create_rule(
                    ListenerArn=listener,
                    Priority=priority,
                    **self._wanted(at, inputs, self._PARTS),
                    **self._tagged(inputs),
                )
            except ClientError as error:
                found = self.find(at, inputs) if code(error) == "PriorityInUse" else []
                if not found or not self.owned(at, found[0], inputs):
                    raise
                return found[0]
        return str(answer["Rules"][0]["RuleArn"])

    def _rules(self, at: At, listener: str) -> list[dict[str, Any]]:
        try:
            return list(at.client("elbv2").describe_rules(ListenerArn=listener)["Rules"])
        except ClientError as error:
            if is_gone(error):
                return []
            raise

    def _next_priority(self, at: At, listener: str) -> int:
        used = [int(rule["Priority"]) for rule in self._rules(at, listener) if rule["Priority"].isdigit()]
        return max(used, default=0) + 1

    def read(self, at: At, id: str, known: State) -> Values | None:
        rule = self._described(at, "describe_rules", "Rules", RuleArns=[id])
        if rule is None:
            return None
        nested = self.properties["actions"].nested
        listener = id.replace(":listener-rule/", ":listener/").rpartition("/")[0]
        return {
            "arn": id,
            "listenerArn": listener,
            "priority": int(rule["Priority"]) if str(rule["Priority"]).isdigit() else 99999,
            "actions": parts.actions_of(nested, rule["Actions"], known.get("actions")),
            "conditions": [self._condition_of(item) for item in rule.get("Conditions", [])],
            "tagsAll": self._tags(at, id),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("elbv2")
        if "priority" in changed and news.get("priority"):
            pairs = [{"RuleArn": id, "Priority": news["priority"]}]
            client.set_rule_priorities(RulePriorities=pairs)
        if changed & self._PARTS:
            reset = (
                {"ResetTransforms": True} if "transforms" in changed and not news.get("transforms") else {}
            )
            # What did not change is not sent: a release may have moved its weights since.
            client.modify_rule(RuleArn=id, **self._wanted(at, news, changed), **reset)
        self._update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("elbv2").delete_rule(RuleArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        wanted = inputs.get("priority")
        rules = [rule for rule in self._rules(at, inputs["listenerArn"]) if not rule.get("IsDefault")]
        if wanted:
            rules = [rule for rule in rules if rule["Priority"] == as_text(wanted)]
        return [rule["RuleArn"] for rule in rules]
