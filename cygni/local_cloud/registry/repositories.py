"""ECR's repositories as moto keeps them: what was pushed is what DescribeImages tells, and what a stack made is what
may be pushed to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cygni.local_cloud.identity import ACCOUNT_ID
from cygni.local_cloud.registry.manifests import Manifest, read_manifest
from cygni.local_cloud.registry.problems import Problem, manifest_unknown
from cygni.local_cloud.registry.requests import is_digest
from cygni.local_cloud.turn import TURN


class Repository:
    """One of a region. Everything takes its turn with the calls of AWS."""

    def __init__(self, region: str, name: str) -> None:
        self.region = region
        self.name = name

    @property
    def key(self) -> str:
        """Tells it from those of other regions."""
        return f"{self.region}/{self.name}"

    def check(self) -> None:
        """Raises Problem where there is none."""
        with self._held():
            pass

    def find(self, reference: str) -> Manifest:
        """The image of a tag or a digest. Raises Problem."""
        with self._held() as kept:
            for image in kept.images:
                if reference in image.image_tags or image.get_image_digest() == reference:
                    return _manifest(image)
        raise manifest_unknown(reference)

    def manifests(self) -> list[Manifest]:
        with self._held() as kept:
            return [_manifest(image) for image in kept.images]

    def tags(self) -> list[str]:
        with self._held() as kept:
            return sorted(tag for image in kept.images for tag in image.image_tags)

    def put(self, manifest: Manifest, tag: str | None) -> None:
        """Keep an image, and give it a tag. Raises Problem where the tag is another's and stays so."""
        from moto.ecr.exceptions import ImageAlreadyExistsException

        with self._held() as kept:
            there = [image for image in kept.images if image.get_image_digest() == manifest.digest]
            if there and (tag is None or tag in there[0].image_tags):
                return
            try:
                _backend(self.region).put_image(
                    self.name, manifest.content.decode(), tag, manifest.media_type, manifest.digest
                )
            except ImageAlreadyExistsException as error:
                message = (
                    f"The image tag '{tag}' already exists in the '{self.name}' repository and cannot be overwritten "
                    "because the tag is immutable."
                )
                raise Problem(400, "TAG_INVALID", message) from error

    def delete(self, reference: str) -> None:
        """Delete an image by its digest, or take a tag away. Raises Problem."""
        self.find(reference)
        identity = {"imageDigest" if is_digest(reference) else "imageTag": reference}
        with self._held():
            _backend(self.region).batch_delete_image(self.name, image_ids=[identity])

    def note_layer(self, digest: str, size: int) -> None:
        """Let BatchCheckLayerAvailability know it; `size` is in bytes."""
        with self._held() as kept:
            kept.layers[digest] = size

    def forget_layer(self, digest: str) -> None:
        with self._held() as kept:
            kept.layers.pop(digest, None)

    @contextmanager
    def _held(self) -> Iterator[Any]:
        with TURN:
            kept = _backend(self.region).repositories.get(self.name)
            if kept is None:
                what = f"The repository with name '{self.name}' does not exist"
                raise Problem(404, "NAME_UNKNOWN", f"{what} in the registry with id '{ACCOUNT_ID}'")
            yield kept


def _backend(region: str) -> Any:
    from moto.ecr.models import ecr_backends

    return ecr_backends[ACCOUNT_ID][region]


def _manifest(image: Any) -> Manifest:
    return read_manifest(image.image_manifest.encode(), image.image_manifest_media_type or "")
