"""Projects of a wanted size: a `cygni.yaml` with as many buckets and workers as it takes (pure).

No load balancer and no lifecycle rule: Terraform's provider waits a fixed minute for either, also on a local
cloud, which would flatter every comparison. What is counted are resources of the cloud, not components.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

FOUNDATION = 22
"""Resources of a VPC over two zones without NAT gateway, and of an ECS cluster."""

WORKER = 8
"""Resources of a worker; one more, what its role may do, where the project has buckets."""

BUCKET = 5
VERSIONED_BUCKET = 6

MOST_WORKERS = 48
MOST_BUCKETS = 100
SMALLEST = FOUNDATION + WORKER
BIGGEST = FOUNDATION + MOST_WORKERS * (WORKER + 1) + MOST_BUCKETS * VERSIONED_BUCKET


@dataclass(frozen=True)
class Project:
    """A project that declares exactly `resources` resources of the cloud."""

    resources: int
    workers: int
    buckets: int
    versioned: int

    @property
    def bucket_names(self) -> list[str]:
        return [f"b{number:02}" for number in range(self.buckets + self.versioned)]

    def spec(self, *, memory: int = 512) -> str:
        """The text of its cygni.yaml. Another `memory` (MiB) changes the first worker's task definition."""
        services = {f"w{number:02}": _worker(512 if number else memory) for number in range(self.workers)}
        buckets = {
            name: {"versioning": index < self.versioned, "abort_uploads_after": 0}
            for index, name in enumerate(self.bucket_names)
        }
        document = {"project": "bench", "region": "us-east-1", "services": services, "buckets": buckets}
        return yaml.safe_dump({key: value for key, value in document.items() if value}, sort_keys=False)


def _worker(memory: int) -> dict[str, object]:
    image = "public.ecr.aws/nginx/nginx:1.29-alpine"
    return {"kind": "worker", "image": image, "cpu": 256, "memory": memory}


def project_of(size: int) -> Project:
    """The project with `size` resources; a little more where no mix gives that number (only below 60).

    Raises ValueError outside of what the limits on services and buckets allow.
    """
    if not 1 <= size <= BIGGEST:
        raise ValueError(f"a project has 1 to {BIGGEST} resources here, not {size}")
    for resources in range(max(size, SMALLEST), BIGGEST + 1):
        workers = max(1, min(MOST_WORKERS, resources // 20))
        for count in range(workers, 0, -1):
            found = _with_workers(resources, count)
            if found is not None:
                return found
    raise ValueError(f"no mix has {size} resources")


def _with_workers(resources: int, workers: int) -> Project | None:
    if resources == FOUNDATION + workers * WORKER:
        return Project(resources, workers, 0, 0)
    left = resources - FOUNDATION - workers * (WORKER + 1)
    if left < BUCKET:
        return None
    count = -(-left // VERSIONED_BUCKET)
    versioned = left - count * BUCKET
    if versioned < 0 or count > MOST_BUCKETS:
        return None
    return Project(resources, workers, count - versioned, versioned)
