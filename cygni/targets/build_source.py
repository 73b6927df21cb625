"""What is sent to a build elsewhere: an archive in S3 with the context as a build sees it, and the Dockerfile.

It is a ZIP file, as CodeBuild takes it. The context is a tar file in it, which keeps links and who may execute what.
"""

from __future__ import annotations

import contextlib
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from cygni.builder.context_archive import pack
from cygni.builder.images.sources import ImageSource
from cygni.targets.fargate.clients import Clients, asking

CONTEXT: Final = "context.tar.gz"
DOCKERFILE: Final = "Dockerfile"


@contextlib.contextmanager
def sent(source: ImageSource, bucket: str, prefix: str, clients: Clients) -> Iterator[str]:
    """The key in the bucket where the archive is, for as long as this is entered; it begins with `prefix`. Raises
    BuildContextRefused, and what `asking` raises."""
    key = f"{prefix}cygni/{uuid.uuid4().hex}.zip"
    with tempfile.TemporaryDirectory(prefix="cx-source-") as aside:
        archive = Path(aside, "source.zip")
        write_archive(source, archive)
        with archive.open("rb") as content, asking(f"what is built was not put into {bucket}"):
            clients("s3").put_object(Bucket=bucket, Key=key, Body=content)
    try:
        yield key
    finally:
        # A rule of the bucket removes what could not be (docs/images.md); the build's own end is what matters.
        with contextlib.suppress(ClientError, BotoCoreError):
            clients("s3").delete_object(Bucket=bucket, Key=key)


def write_archive(source: ImageSource, file: Path) -> None:
    """Write the archive: nothing that is ignored, no owner, no time. Raises BuildContextRefused for what cannot be
    read."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(DOCKERFILE), source.dockerfile)
        with archive.open(zipfile.ZipInfo(CONTEXT), "w", force_zip64=True) as packed:
            pack(source.context, packed)
