"""Web ACLs of AWS WAF, and what they stand before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    ignoring,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.wire import Values

_FREE_WITHIN: Final = 300.0  # seconds until AWS has noticed that nothing uses an ACL any more
_READY_WITHIN: Final = 600.0
_CLOUDFRONT_REGION: Final = "us-east-1"
_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")


def _settled(at: At, what: str, change: Callable[[], Any], *pending: str, seconds: float) -> Any:
    """What `change` answers, repeated while AWS says that it is not ready for it."""

    def once() -> Any:
        with ignoring(*pending):
            return change() or True
        return None

    return at.cloud.await_(what, once, seconds=seconds)


class WebAcl(Handler):
    """A web ACL; its id is AWS' own, its name belongs to it alone in its scope."""

    token = "aws:wafv2/webAcl:WebAcl"

    _NESTED: Final = ("associationConfig", "captchaConfig", "challengeConfig", "customResponseBodies")

    def _client(self, at: At, scope: str) -> Any:
        return at.cloud.client("wafv2", _CLOUDFRONT_REGION if scope == "CLOUDFRONT" else at.region)

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        client = self._client(at, inputs["scope"])
        wanted: dict[str, Any] = {
            "Name": inputs["name"],
            "Scope": inputs["scope"],
            "DefaultAction": shapes.value(client, "DefaultAction", inputs["defaultAction"], keep_empty=True),
            "Rules": self._rules(client, inputs.get("rules") or []),
            "VisibilityConfig": shapes.value(client, "VisibilityConfig", inputs["visibilityConfig"]),
        }
        if inputs.get("description"):
            wanted["Description"] = inputs["description"]
        if inputs.get("tokenDomains"):
            wanted["TokenDomains"] = list(inputs["tokenDomains"])
        for name, shape in (("captchaConfig", "CaptchaConfig"), ("challengeConfig", "ChallengeConfig")):
            if inputs.get(name):
                wanted[shape] = shapes.value(client, shape, inputs[name])
        bodies = inputs.get("customResponseBodies") or []
        if bodies:
            wanted["CustomResponseBodies"] = {
                body["key"]: {"Content": body["content"], "ContentType": body["contentType"]}
                for body in bodies
            }
        return wanted

    def _rules(self, client: Any, rules: Any) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = shapes.value(client, "Rules", rules, keep_empty=True)
        return sorted(made, key=lambda rule: int(rule["Priority"]))

    def create(self, at: At, inputs: State) -> str:
        client = self._client(at, inputs["scope"])
        tags = tag_list(inputs.get("tagsAll"))
        wanted = self._wanted(at, inputs) | ({"Tags": tags} if tags else {})
        try:
            answer = _settled(
                at,
                f"web ACL {inputs['name']} to be made",
                lambda: client.create_web_acl(**wanted),
                "WAFUnavailableEntityException",
                seconds=_READY_WITHIN,
            )
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "WAFDuplicateItemException" else []
            if not found or not self.owned(at, found[0], inputs):
                raise
            return found[0]
        return str(answer["Summary"]["Id"])

    def _identity(self, id: str, known: State) -> tuple[str, dict[str, str]]:
        """An ACL is asked for by id, name and scope; on import the id is `ID/NAME/SCOPE`."""
        if known.get("name") and known.get("scope"):
            parts = [id, str(known["name"]), str(known["scope"])]
        else:
            parts = id.split("/")
        if len(parts) != 3:
            raise ValueError(f"{id}: a web ACL is imported as ID/NAME/SCOPE")
        return parts[2], {"Id": parts[0], "Name": parts[1], "Scope": parts[2]}

    def _found(self, at: At, id: str, known: State) -> dict[str, Any] | None:
        scope, identity = self._identity(id, known)
        try:
            return dict(self._client(at, scope).get_web_acl(**identity))
        except ClientError as error:
            if is_gone(error) or code(error) == "WAFNonexistentItemException":
                return None
            raise

    def read(self, at: At, id: str, known: State) -> Values | None:
        answer = self._found(at, id, known)
        if answer is None:
            return None
        scope, _ = self._identity(id, known)
        client, acl = self._client(at, scope), answer["WebACL"]
        drop = dict.fromkeys((*self._NESTED, "rules", "defaultAction", "tokenDomains"), "")
        found = shapes.outputs(self.properties, acl, rename={"arn": "ARN", **drop})
        tags = client.list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"]
        return found | {
            "id": acl["Id"],
            "scope": scope,
            "lockToken": answer["LockToken"],
            "description": acl.get("Description") or None,
            "tokenDomains": acl.get("TokenDomains") or None,
            "defaultAction": _known_form(
                client, "DefaultAction", known.get("defaultAction"), acl["DefaultAction"]
            ),
            "rules": self._known_rules(client, known.get("rules"), acl.get("Rules") or []),
            "customResponseBodies": [
                {"key": key, "content": body["Content"], "contentType": body["ContentType"]}
                for key, body in (acl.get("CustomResponseBodies") or {}).items()
            ]
            or None,
            "captchaConfig": _pulumi(acl.get("CaptchaConfig")) or None,
            "challengeConfig": _pulumi(acl.get("ChallengeConfig")) or None,
            "tagsAll": tag_map(tags),
        }

    def _known_rules(self, client: Any, known: Any, rules: list[dict[str, Any]]) -> Any:
        """The program's own words where they say what AWS says: the order of rules is that of their priorities."""
        there = sorted(rules, key=lambda rule: int(rule["Priority"]))
        if isinstance(known, list) and self._rules(client, known) == there:
            return known
        nested = self.properties["rules"].nested
        as_they_are = {
            name: name[0].upper() + name[1:] for name, prop in nested.items() if _is_as_it_is(prop)
        }
        return [
            {
                **shapes.outputs(nested, rule, rename=dict.fromkeys(as_they_are, "")),
                **{name: _pulumi(rule[member]) for name, member in as_they_are.items() if member in rule},
            }
            for rule in there
        ]

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = self._client(at, news["scope"])
        if changed - {"tags", "tagsAll"}:
            _settled(
                at,
                f"web ACL {news['name']} to be changed",
                lambda: client.update_web_acl(
                    **self._wanted(at, news), Id=id, LockToken=self._token(at, id, news)
                ),
                "WAFUnavailableEntityException",
                "WAFOptimisticLockException",
                seconds=_READY_WITHIN,
            )
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceARN=olds["arn"], TagKeys=removed)
        if put:
            client.tag_resource(ResourceARN=olds["arn"], Tags=tag_list(put))

    def _token(self, at: At, id: str, known: State) -> str:
        """What names the version that is changed: with another one AWS refuses."""
        answer = self._found(at, id, known)
        if answer is None:
            raise RuntimeError(f"web ACL {known['name']} is gone")
        return str(answer["LockToken"])

    def delete(self, at: At, id: str, known: State) -> None:
        if self._found(at, id, known) is None:
            return
        scope, identity = self._identity(id, known)
        _settled(
            at,
            f"web ACL {identity['Name']} to be used no more",
            lambda: self._client(at, scope).delete_web_acl(**identity, LockToken=self._token(at, id, known)),
            "WAFAssociatedItemException",
            "WAFOptimisticLockException",
            "WAFUnavailableEntityException",
            seconds=_FREE_WITHIN,
        )

    def find(self, at: At, inputs: State) -> list[str]:
        client = self._client(at, inputs["scope"])
        answer = client.list_web_acls(Scope=inputs["scope"], Limit=100)
        found = list(answer["WebACLs"])
        while answer.get("NextMarker"):
            answer = client.list_web_acls(Scope=inputs["scope"], Limit=100, NextMarker=answer["NextMarker"])
            found += answer["WebACLs"]
        return [str(acl["Id"]) for acl in found if acl["Name"] == inputs.get("name")]


class WebAclAssociation(Handler):
    """A web ACL before a load balancer; its id is `<ACL ARN>,<resource ARN>`."""

    token = "aws:wafv2/webAclAssociation:WebAclAssociation"

    def create(self, at: At, inputs: State) -> str:
        wanted = {"WebACLArn": inputs["webAclArn"], "ResourceArn": inputs["resourceArn"]}
        _settled(
            at,
            f"web ACL {inputs['webAclArn']} to be ready",
            lambda: at.client("wafv2").associate_web_acl(**wanted),
            "WAFUnavailableEntityException",
            seconds=_READY_WITHIN,
        )
        return f"{inputs['webAclArn']},{inputs['resourceArn']}"

    def read(self, at: At, id: str, known: State) -> Values | None:
        resource = id.partition(",")[2]
        try:
            acl = at.client("wafv2").get_web_acl_for_resource(ResourceArn=resource).get("WebACL")
        except ClientError as error:
            if is_gone(error) or code(error) == "WAFNonexistentItemException":
                return None
            raise
        return {"webAclArn": acl["ARN"], "resourceArn": resource} if acl else None

    def delete(self, at: At, id: str, known: State) -> None:
        """Its successor may stand there already: what is not this ACL is left alone."""
        acl, _, resource = id.partition(",")
        found = self.read(at, id, known)
        if found is not None and found["webAclArn"] == acl:
            with unless_gone():
                at.client("wafv2").disassociate_web_acl(ResourceArn=resource)

    def find(self, at: At, inputs: State) -> list[str]:
        id = f"{inputs['webAclArn']},{inputs['resourceArn']}"
        found = self.read(at, id, inputs)
        return [id] if found is not None and found["webAclArn"] == inputs["webAclArn"] else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """It has no tags: that the ACL stands before the resource is all there is to it."""
        return bool(self.find(at, inputs))


def _is_as_it_is(prop: Property) -> bool:
    return prop.type == "object" and not prop.nested


def _known_form(client: Any, shape: str, known: Any, told: Any) -> Any:
    if isinstance(known, Mapping) and shapes.value(client, shape, known, keep_empty=True) == told:
        return dict(known)
    return _pulumi(told)


def _pulumi(value: Any) -> Any:
    """An API's structure in Pulumi's spelling: `IPSetReferenceStatement` is `ipSetReferenceStatement`."""
    if isinstance(value, Mapping):
        return {_spelled(key): _pulumi(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_pulumi(inner) for inner in value]
    return value.decode() if isinstance(value, bytes) else value


def _spelled(name: str) -> str:
    first, *rest = _WORD.findall(name)
    return str(first.lower() + "".join(word.capitalize() for word in rest))
