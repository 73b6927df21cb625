"""The files of a bundle, made of what is known (pure), and the archive of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cygni.feedback.redaction import Redaction

_ABOUT: Final = """\
What `cx feedback` found for a report of a problem. Nothing of it was sent anywhere: look through it, then attach it.

{files}

Left out or replaced: values of variables and whatever looks like a secret, account numbers, addresses of mail, the
names of the home folder, the user and the machine. What programs wrote is not in it.
"""
_TOLD: Final = ("error:", "stopped:", "hint:", "warning:", "waiting for")
_PARTS: Final = {
    "versions.json": "Cygni, its engine and libraries, Python, the system",
    "settings.json": "which variables are set that Cygni or AWS read, by their names alone",
    "doctor.json": "what the quick checks of `cx doctor` found",
    "project.json": "how many of what the project has",
    "cygni.yaml": "the project, without the values of its variables",
}


def events_kept(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Of what a deploy told, what belongs into a report: how the release went on, errors and warnings. Plans and what
    programs wrote are left out: both hold what is the project's own."""
    kept = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:  # cut off where the writer was killed
            continue
        if not isinstance(event, dict) or "event" not in event:
            continue
        if event["event"] == "said" and not str(event.get("text", "")).startswith(_TOLD):
            continue
        error = event.get("error")
        if isinstance(error, dict):
            event["error"] = {name: error.get(name) for name in ("code", "message", "hint")}
        kept.append({name: value for name, value in event.items() if name not in ("lines", "log", "details")})
    return kept


def project_counts(spec: Any) -> dict[str, Any]:
    """How many of what a cygni.yaml has, without a name or a value of its own."""
    if not isinstance(spec, dict):
        return {}
    services = [one for one in _values(spec.get("services")) if isinstance(one, dict)]
    kinds = [
        one["kind"] if one.get("kind") in ("web", "worker", "job", "cron") else "web" for one in services
    ]
    return {
        "sections": {
            str(name): len(value) if isinstance(value, dict | list) else 1
            for name, value in spec.items()
            if name not in ("project", "region")
        },
        "services": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }


def bundle(parts: Mapping[str, Any], redaction: Redaction) -> dict[str, str]:
    """The files by name: documents as JSON, lists of events as JSON lines, texts as they are; all redacted."""
    files = {}
    for name, part in parts.items():
        clean = redaction.document(part)
        if isinstance(clean, str):
            files[name] = clean
        elif name.endswith(".ndjson"):
            files[name] = "".join(f"{json.dumps(event)}\n" for event in clean)
        else:
            files[name] = json.dumps(clean, indent=2) + "\n"
    listed = [f"{name}: {_PARTS.get(name, 'what a deploy told')}" for name in files]
    return {"README.txt": _ABOUT.format(files="\n".join(listed)), **files}


def archive(files: Mapping[str, str], folder: str) -> bytes:
    """A ZIP archive of the files, in a folder."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in files.items():
            zipped.writestr(f"{folder}/{name}", text)
    return content.getvalue()


def _values(section: Any) -> Iterable[Any]:
    return section.values() if isinstance(section, dict) else ()
