"""Pins the base images of Dockerfiles that Cygni writes, by the digests that their tags have in their registries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cygni.builder.dockerfile.bases import bases_of
from cygni.builder.images.base_lock import FILE, read_lock, write_lock
from cygni.errors import BuildFailed
from cygni.targets.base_images import digest_of
from stacks.image_builds import ImageBuild


def pin_bases(
    builds: Iterable[ImageBuild], folder: Path, tell: Callable[[str], None], *, renew: bool
) -> bool:
    """Write the digests of base images that the lock in `folder` lacks, of all where they are to be renewed; whether it
    changed. Without a lock nothing is pinned unless `renew` begins one. What no registry tells stays as it was, and
    `tell` hears of it. Raises UsageError."""
    lock = read_lock(folder)
    if lock is None and not renew:
        return False
    known = lock or {}
    wanted = {base for one in builds if one.source.written for base in bases_of(one.source.dockerfile)}
    asked = sorted(wanted if renew else wanted - known.keys())
    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = dict(zip(asked, threads.map(_answer, asked), strict=True))
    found = {base: digest for base, digest in answers.items() if isinstance(digest, str)}
    for base, error in answers.items():
        if isinstance(error, BuildFailed):
            stays = "the digest it had stays" if base in known else "its tag is used"
            tell(f"{base} is not pinned anew, {stays}: {error.message}")
    for base, digest in found.items():
        if known.get(base) != digest:
            tell(f"{base} is {digest} ({FILE})")
    if not found.items() - known.items():
        return False
    write_lock(folder, {**known, **found})
    return True


def _answer(base: str) -> str | BuildFailed:
    try:
        return digest_of(base)
    except BuildFailed as error:
        return error
