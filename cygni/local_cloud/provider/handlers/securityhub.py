"""Security Hub, which is on or off for an account and region, and the standards it checks."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, is_gone
from cygni.local_cloud.provider.wire import Values

_OFF = "InvalidAccessException"
_SETTLED_WITHIN = 180.0


def _hub(at: At) -> dict[str, Any] | None:
    """What Security Hub says of itself; None where it is off."""
    try:
        return dict(at.client("securityhub").describe_hub())
    except ClientError as error:
        if code(error) == _OFF or is_gone(error):
            return None
        raise


class Account(Handler):
    """Security Hub switched on; its id is the account's. It has no tags here, so none is ever adopted."""

    token = "aws:securityhub/account:Account"

    def create(self, at: At, inputs: State) -> str:
        generator = inputs.get("controlFindingGenerator")
        told = {"ControlFindingGenerator": generator} if generator else {}
        at.client("securityhub").enable_security_hub(
            EnableDefaultStandards=bool(inputs.get("enableDefaultStandards", True)), **told
        )
        return at.cloud.account_id()

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("autoEnableControls") is False or inputs.get("controlFindingGenerator"):
            self._set(at, inputs)

    def _set(self, at: At, inputs: State) -> None:
        wanted: dict[str, Any] = {"AutoEnableControls": bool(inputs.get("autoEnableControls", True))}
        if inputs.get("controlFindingGenerator"):
            wanted["ControlFindingGenerator"] = inputs["controlFindingGenerator"]
        at.client("securityhub").update_security_hub_configuration(**wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        hub = _hub(at)
        if hub is None:
            return None
        return {
            "arn": hub["HubArn"],
            "autoEnableControls": hub.get("AutoEnableControls", True),
            "controlFindingGenerator": hub.get("ControlFindingGenerator"),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self._set(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        if _hub(at) is not None:
            at.client("securityhub").disable_security_hub()

    def find(self, at: At, inputs: State) -> list[str]:
        return [at.cloud.account_id()] if _hub(at) is not None else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """Asked only after a create of ours was cut off, which AWS refuses where the hub was on before."""
        return _hub(at) is not None


class StandardsSubscription(Handler):
    """One standard that Security Hub checks; its id is the subscription's ARN."""

    token = "aws:securityhub/standardsSubscription:StandardsSubscription"

    def create(self, at: At, inputs: State) -> str:
        answer = at.client("securityhub").batch_enable_standards(
            StandardsSubscriptionRequests=[{"StandardsArn": inputs["standardsArn"]}]
        )
        return str(answer["StandardsSubscriptions"][0]["StandardsSubscriptionArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        def ready() -> bool | None:
            found = self._found(at, id) or {}
            return True if found.get("StandardsStatus") in ("READY", "INCOMPLETE") else None

        at.cloud.await_(f"standard {id} to be ready", ready, seconds=_SETTLED_WITHIN)

    def _found(self, at: At, id: str) -> dict[str, Any] | None:
        try:
            answer = at.client("securityhub").get_enabled_standards(StandardsSubscriptionArns=[id])
        except ClientError as error:
            if code(error) == _OFF or is_gone(error):
                return None
            raise
        found = answer["StandardsSubscriptions"]
        return dict(found[0]) if found else None

    def read(self, at: At, id: str, known: State) -> Values | None:
        found = self._found(at, id)
        return {"arn": id, "standardsArn": found["StandardsArn"]} if found else None

    def delete(self, at: At, id: str, known: State) -> None:
        if self._found(at, id) is None:
            return
        at.client("securityhub").batch_disable_standards(StandardsSubscriptionArns=[id])

        def gone() -> bool | None:
            found = self._found(at, id)
            return True if found is None or found["StandardsStatus"] == "INCOMPLETE" else None

        at.cloud.await_(f"standard {id} to be gone", gone, seconds=_SETTLED_WITHIN)

    def find(self, at: At, inputs: State) -> list[str]:
        try:
            answer = at.client("securityhub").get_enabled_standards()
        except ClientError as error:
            if code(error) == _OFF:
                return []
            raise
        return [
            str(found["StandardsSubscriptionArn"])
            for found in answer["StandardsSubscriptions"]
            if found["StandardsArn"] == inputs["standardsArn"]
        ]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """It has no tags: that the standard is checked is all there is to it."""
        return id in self.find(at, inputs)
