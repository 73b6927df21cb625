"""A registry for the images of one service."""

from __future__ import annotations

import json

import pulumi
from pulumi_aws import ecr

from components.component import Component

KEPT_IMAGES = 30


class Registry(Component):
    """ECR repository: scanned on push, tags immutable, the last 30 images kept. Output: `repository`.

    Images are built from source and can be built again, so they are no data to protect: deleting the repository
    deletes them too, where AWS would refuse one that is not empty.
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
