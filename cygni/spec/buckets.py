"""The `buckets` of cygni.yaml."""

from __future__ import annotations

from pydantic import Field

from cygni.spec.section import Section


class Bucket(Section):
    """An S3 bucket: encrypted, closed to the public."""

    versioning: bool = Field(
        default=False,
        description="Keep former versions of objects, so that what is overwritten can be had back; each is billed.",
        examples=[True],
    )
