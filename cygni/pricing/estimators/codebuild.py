"""CodeBuild, CodePipeline, CodeArtifact and CodeCommit: builds by the minute, pipelines, and what is kept."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import derived, is_one_of, named, text

_COMPUTE: Final = derived(
    text("environment.computeType"), lambda found: found.removeprefix("BUILD_").lower().replace("_", ".", 1)
)
_SYSTEM: Final = named(
    text("environment.type"),
    {
        "LINUX_CONTAINER": "Linux",
        "ARM_CONTAINER": "ARM",
        "LINUX_GPU_CONTAINER": "Linux GPU",
        "WINDOWS_CONTAINER": "Windows",
        "WINDOWS_SERVER_2019_CONTAINER": "Windows",
        "WINDOWS_SERVER_2022_CONTAINER": "Windows",
        "LINUX_LAMBDA_CONTAINER": "Linux Lambda",
        "ARM_LAMBDA_CONTAINER": "ARM Lambda",
    },
    "the build environment",
)
_KIND: Final = text("pipelineType", "V1")

ESTIMATORS: Final = (
    priced(
        "aws:codebuild/project:Project",
        parts=(
            Part(
                by_usage("build minutes, {compute}", "AWSCodeBuild", "build", "minute", "build_minutes"),
                by={"compute": _COMPUTE, "os": _SYSTEM},
            ),
        ),
        notes=("Builds are rounded up to a minute. The 100 free minutes a month are not deducted.",),
    ),
    priced(
        "aws:codebuild/fleet:Fleet",
        parts=(
            Part(
                fixed("reserved capacity, {compute}", "AWSCodeBuild", "reserved-capacity", "hour"),
                by={"compute": text("computeType"), "os": text("environmentType")},
            ),
        ),
    ),
    priced(
        "aws:codepipeline/pipeline:Pipeline",
        parts=(
            Part(
                fixed("active pipeline", "AWSCodePipeline", "pipeline", "pipeline-month"),
                when=is_one_of(_KIND, "V1"),
            ),
            Part(
                by_usage("action minutes", "AWSCodePipeline", "action-minutes", "minute", "build_minutes"),
                when=is_one_of(_KIND, "V2"),
            ),
        ),
        notes=("V1 unless `pipelineType` says otherwise, billed in months in which something ran.",),
    ),
    priced(
        "aws:codeartifact/repository:Repository",
        parts=(
            by_usage("storage", "AWSCodeArtifact", "storage", "GB-month", "ecr_storage_gb"),
            by_usage("requests", "AWSCodeArtifact", "requests", "request", "api_requests"),
        ),
    ),
)
