"""A registry for the images of one service."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws import ecr

from components.component import Component

KEPT_IMAGES = 30


class Registry(Component):
    """ECR repository: scanned on push, tags immutable, the last 30 images kept. Output: `repository`."""

    token = "cygni:registry:Registry"

    def __init__(self, name: str, repository: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.repository = ecr.Repository(
            name,
            name=repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            opts=self.child(),
        )
        ecr.LifecyclePolicy(
            name,
            repository=self.repository.name,
            policy=json.dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "description": f"Keep the last {KEPT_IMAGES} images",
                            "selection": {
                                "tagStatus": "any",
                                "countType": "imageCountMoreThan",
                                "countNumber": KEPT_IMAGES,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
            opts=self.child(),
        )
        self.register_outputs({"repositoryUrl": self.repository.repository_url})
