"""IAM policy documents from statements: a computation, as the official provider does it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.invokes import NotFound

_DEFAULT_VERSION = "2012-10-17"
_OLD_VERSION = "2008-10-17"


def policy_document(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The document, indented and minified. Raises NotFound for statements that make none."""
    version = str(args.get("version") or _DEFAULT_VERSION)
    given = args.get("statements") or []
    own: dict[str, Any] = {"Version": version, "Id": args.get("policyId"), "Statement": []}
    own["Statement"] = [_statement(item, version) for item in given]
    _refuse_duplicates(own["Statement"])
    sources = [json.loads(text) for text in args.get("sourcePolicyDocuments") or [] if text]
    _refuse_duplicates([item for source in sources for item in _statements(source)])
    merged: dict[str, Any] = {"Version": version, "Id": None, "Statement": []}
    overrides = [json.loads(text) for text in args.get("overridePolicyDocuments") or [] if text]
    for document in (*sources, own, *overrides):
        _merge(merged, document)
    kept = {name: value for name, value in merged.items() if value}
    text = _escaped(json.dumps(kept, indent=2, ensure_ascii=False))
    minified = _escaped(json.dumps(kept, separators=(",", ":"), ensure_ascii=False))
    statements = [{"effect": "Allow", "sid": "", **item} for item in given]
    return {
        **args,
        "version": version,
        "statements": statements,
        "json": text,
        "minifiedJson": minified,
        "id": str(zlib.crc32(text.encode())),
    }


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def _refuse_duplicates(statements: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for item in statements:
        sid = item.get("Sid")
        if sid and sid in seen:
            raise NotFound(f"two statements have the Sid {sid!r}")
        seen.add(sid or "")


def _merge(merged: dict[str, Any], document: Mapping[str, Any]) -> None:
    merged["Version"] = max(str(merged["Version"]), str(document.get("Version") or ""))
    merged["Id"] = document.get("Id") or merged["Id"]
    for item in _statements(document):
        sids = [other.get("Sid") for other in merged["Statement"]]
        if item.get("Sid") and item["Sid"] in sids:
            merged["Statement"][sids.index(item["Sid"])] = item
        else:
            merged["Statement"].append(item)


def _statement(item: Mapping[str, Any], version: str) -> dict[str, Any]:
    sid = item.get("sid") or ""
    if not re.fullmatch(r"[a-zA-Z0-9]*", sid):
        raise NotFound(f"the Sid {sid!r} may only have letters and digits")
    made = {
        "Sid": sid,
        "Effect": item.get("effect") or "Allow",
        "Action": _listed(item.get("actions")),
        "NotAction": _listed(item.get("notActions")),
        "Resource": _variables(_listed(item.get("resources")), version),
        "NotResource": _variables(_listed(item.get("notResources")), version),
        "Principal": _principals(item.get("principals"), version),
        "NotPrincipal": _principals(item.get("notPrincipals"), version),
        "Condition": _conditions(item.get("conditions"), version),
    }
    return {name: value for name, value in made.items() if value}


def _listed(values: Any) -> Any:
    """One value as itself, more as a list in reverse order: what the official provider writes."""
    ordered = sorted(set(values or []), reverse=True)
    return ordered[0] if len(ordered) == 1 else ordered


def _variables(value: Any, version: str) -> Any:
    """`&{aws:username}` is the way to write a policy variable where ${} means something else."""
    if isinstance(value, list):
        return [_variables(item, version) for item in value]
    if isinstance(value, str) and "&{" in value:
        if version == _OLD_VERSION:
            raise NotFound(f"policy variables need version {_DEFAULT_VERSION}")
        return value.replace("&{", "${")
    return value


def _principals(blocks: Any, version: str) -> Any:
    merged: dict[str, list[str]] = {}
    for block in blocks or []:
        merged.setdefault(block["type"], []).extend(block["identifiers"])
    if merged == {"*": ["*"]}:
        return "*"
    return {kind: _variables(_listed(merged[kind]), version) for kind in sorted(merged)}


def _conditions(blocks: Any, version: str) -> dict[str, Any]:
    merged: dict[str, dict[str, list[str]]] = {}
    for block in blocks or []:
        merged.setdefault(block["test"], {}).setdefault(block["variable"], []).extend(block["values"])
    return {
        test: {
            name: _variables(values[0] if len(values) == 1 else values, version)
            for name, values in sorted(merged[test].items())
        }
        for test in sorted(merged)
    }


def _escaped(text: str) -> str:
    """Go's JSON writes <, > and & as escapes."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
