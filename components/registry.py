"""A registry for the images of one service."""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi_aws import ecr

from components.component import Component

KEPT_IMAGES = 30
UNTAGGED_DAYS = 7


class Registry(Component):
    """ECR repository: scanned on push, encrypted, tags immutable. The last 30 tagged images are kept; what lost its
    last name, or never had one, goes after 7 days, unless an image for several processors refers to it.

    Images are built from source and can be built again, so they are no data to protect: deleting the repository
    deletes them too, where AWS would refuse one that is not empty. Output: `repository`.
    """

    token = "cygni:registry:Registry"

    def __init__(self, name: str, repository: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.repository = ecr.Repository(
            name,
            name=repository,
            image_tag_mutability="IMMUTABLE",
            force_delete=True,
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            opts=self.child(),
        )
        ecr.LifecyclePolicy(
            name,
            repository=self.repository.name,
            policy=json.dumps({"rules": _rules()}),
            opts=self.child(),
        )
        self.register_outputs({"repositoryUrl": self.repository.repository_url})


def _rules() -> list[dict[str, Any]]:
    """Untagged and tagged images are counted apart: an image for several processors is one that has a tag and one
    without for each processor, which ECR keeps as long as the first (ECR User Guide, lifecycle policies)."""
    return [
        {
            "rulePriority": 1,
            "description": f"Delete what has no tag after {UNTAGGED_DAYS} days",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "description": f"Keep the last {KEPT_IMAGES} images",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": KEPT_IMAGES,
            },
            "action": {"type": "expire"},
        },
    ]
