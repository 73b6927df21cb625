"""What a manifest is, and what it refers to (pure). OCI image specification 1.1, and Docker's image manifest 2.2."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from cygni.local_cloud.registry.problems import Problem

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_IMAGES: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_LISTS: Final = (OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
LARGEST: Final = 4 * 1024 * 1024
"""Bytes: what a registry has to take at least (distribution specification, "Pushing Manifests")."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`blobs` and `manifests` are digests of what has to be there; `subject` is that of what it is about."""

    content: bytes
    media_type: str
    blobs: tuple[str, ...]
    manifests: tuple[str, ...]
    subject: str | None
    artifact_type: str
    annotations: dict[str, str]

    @property
    def digest(self) -> str:
        return digest_of(self.content)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_manifest(content: bytes, content_type: str) -> Manifest:
    """Raises Problem for what is no manifest of an image or an index."""
    try:
        values = json.loads(content)
        media_type = _type(values, content_type)
        return _manifest(content, media_type, values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _invalid(str(error)) from error


def _type(values: Any, content_type: str) -> str:
    media_type = str(values.get("mediaType") or content_type)
    if content_type and media_type != content_type:
        raise _invalid(f"it says {media_type}, and the request {content_type}")
    if media_type not in (*_IMAGES, *_LISTS):
        raise _invalid(f"{media_type or 'nothing'} is not the type of one")
    return media_type


def _invalid(why: str) -> Problem:
    return Problem(400, "MANIFEST_INVALID", f"this is no manifest: {why}")


def _manifest(content: bytes, media_type: str, values: dict[str, Any]) -> Manifest:
    listed = media_type in _LISTS
    config = [] if listed else [values["config"]]
    subject = values.get("subject")
    artifact_type = values.get("artifactType") or (config[0].get("mediaType") if config else "") or ""
    return Manifest(
        content,
        media_type,
        blobs=tuple(str(one["digest"]) for one in [*config, *(() if listed else values["layers"])]),
        manifests=tuple(str(one["digest"]) for one in values["manifests"]) if listed else (),
        subject=str(subject["digest"]) if subject else None,
        artifact_type=str(artifact_type),
        annotations=dict(values.get("annotations") or {}),
    )
