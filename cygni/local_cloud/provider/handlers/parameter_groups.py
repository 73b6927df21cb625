"""What the parameter groups of RDS and ElastiCache share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.arn_tags import tags_of, update_tags
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_list,
    unless_gone,
)
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values

_AT_ONCE = 20  # parameters in one call
_FREED_WITHIN = 180.0  # seconds until what used the group has let go of it


class ParameterGroupHandler(Handler):
    """A parameter group; its id is the name.

    `stem` is what client methods are named by, `member` what members of the API are, `listed` the member of a
    description that lists groups, `values` the parameters of a change, `in_use` the code of a refused deletion.
    """

    service: ClassVar[str]
    stem: ClassVar[str]
    member: ClassVar[str]
    family: ClassVar[str]
    listed: ClassVar[str]
    values: ClassVar[str] = "Parameters"
    in_use: ClassVar[str] = "InvalidDBParameterGroupState"

    def _call(self, at: At, verb: str, **parameters: Any) -> Any:
        return getattr(at.client(self.service), f"{verb}_{self.stem}")(**parameters)

    def create(self, at: At, inputs: State) -> str:
        name = name_of(inputs).lower()
        wanted = {
            f"{self.member}Name": name,
            self.family: inputs["family"],
            "Description": inputs["description"],
        }
        self._call(at, "create", **wanted, Tags=tag_list(inputs.get("tagsAll")))
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._put(at, id, inputs.get("parameters") or [])

    def _put(self, at: At, id: str, parameters: Sequence[State]) -> None:
        """Set parameters, character sets first and those that take effect at once before the others."""
        ordered = sorted(
            parameters,
            key=lambda each: (
                not str(each["name"]).startswith("character_set"),
                each.get("applyMethod") == "pending-reboot",
            ),
        )
        for chunk in _chunks([self._as_sent(each) for each in ordered]):
            self._call(at, "modify", **{f"{self.member}Name": id, self.values: chunk})

    def _as_sent(self, parameter: State) -> dict[str, Any]:
        sent = {"ParameterName": parameter["name"], "ParameterValue": parameter["value"]}
        if self.service == "rds":
            sent["ApplyMethod"] = parameter.get("applyMethod") or "immediate"
        return sent

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client(self.service)
        try:
            groups = getattr(client, f"describe_{self.stem}s")(**{f"{self.member}Name": id})[self.listed]
            found = self._parameters(at, id, {each["name"].lower() for each in known.get("parameters") or []})
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        if not groups:
            return None
        arn = groups[0].get(f"{self.member}Arn") or groups[0].get("ARN")
        return {
            "name": id,
            "family": groups[0][self.family],
            "description": groups[0]["Description"],
            "arn": arn,
            "parameters": found,
            "tagsAll": tags_of(at, self.service, arn),
        }

    def _parameters(self, at: At, id: str, named: set[str]) -> list[dict[str, Any]]:
        """What the user has set, and of AWS's own values those that the program names."""
        method = f"describe_{self.stem.removesuffix('_group')}s"
        given = {f"{self.member}Name": id}
        found: list[Mapping[str, Any]] = []
        for page in at.client(self.service).get_paginator(method).paginate(**given):
            found += page["Parameters"]
        return [
            {"name": each["ParameterName"], "value": str(each["ParameterValue"]), **self._method(each)}
            for each in found
            if each.get("ParameterValue") is not None
            and (each.get("Source", "user") == "user" or each["ParameterName"].lower() in named)
        ]

    def _method(self, parameter: Mapping[str, Any]) -> dict[str, str]:
        return {"applyMethod": parameter.get("ApplyMethod", "immediate")} if self.service == "rds" else {}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "parameters" in changed:
            before, after = olds.get("parameters") or [], news.get("parameters") or []
            kept = {each["name"].lower() for each in after}
            removed = [each for each in before if each["name"].lower() not in kept]
            for chunk in _chunks([self._as_reset(each) for each in removed]):
                self._call(at, "reset", **{f"{self.member}Name": id, self.values: chunk})
            self._put(at, id, [each for each in after if each not in before])
        update_tags(at, self.service, str(olds["arn"]), olds, news)

    def _as_reset(self, parameter: State) -> dict[str, Any]:
        if self.service == "rds":
            return {"ParameterName": parameter["name"], "ApplyMethod": "pending-reboot"}
        return self._as_sent(parameter)

    def delete(self, at: At, id: str, known: State) -> None:
        if known.get("skipDestroy"):
            return

        def deleted() -> bool | None:
            try:
                self._call(at, "delete", **{f"{self.member}Name": id})
            except ClientError as error:
                if code(error) == self.in_use:
                    return None
                raise
            return True

        with unless_gone():
            at.cloud.await_(f"parameter group {id} to be free", deleted, seconds=_FREED_WITHIN)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs).lower()]


def _chunks(items: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
