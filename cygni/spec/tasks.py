"""What services of every kind in cygni.yaml have: an image and its task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from cygni.aws_limits import FARGATE_MEMORY, sizes_in_words
from cygni.spec.fields import (
    BuildCommand,
    BuildPath,
    BuildSecrets,
    BuildTag,
    EnvironmentVariables,
    Image,
    ServiceSecrets,
)
from cygni.spec.section import Choice, Finding, Section
from cygni.spec.service_rules import definition_size, fargate_size, one_source
from cygni.wording import one_of


class Architecture(StrEnum):
    """The processor of a task, as ECS names it, in lower case."""

    X86_64 = "x86_64"
    ARM64 = "arm64"


class Build(Section):
    """Where the image of a service comes from when it is made from source."""

    context: BuildPath = Field(
        default=".",
        description=(
            "Folder that the image is made from, relative to the folder of cygni.yaml. What `.dockerignore` in it "
            "names is left out."
        ),
        examples=[".", "services/web"],
    )
    dockerfile: BuildPath = Field(
        default="Dockerfile",
        description=(
            "The Dockerfile, relative to `context`. Where it is left out, the Dockerfile that is there is used, and "
            "where there is none Cygni writes one for what it detects. The local cloud does not use it."
        ),
        examples=["Dockerfile"],
    )
    tag: BuildTag | None = Field(
        default=None,
        description=(
            "Tag of the image in the service's ECR repository. A tag can be pushed once (tags are immutable), so "
            "every new image has a new one. Where it is written, the image is expected to be pushed there; where it is "
            "left out, Cygni builds the image and pushes it, and the tag follows from what it is made from, as it "
            "always does on the local cloud."
        ),
        examples=["v1"],
    )
    start: BuildCommand | None = Field(
        default=None,
        description=(
            "Command that starts the program in `context`, without a shell; where it is left out, the one that is "
            "detected. On the local cloud the program runs as a process and listens on the port in the variable PORT. "
            "A Dockerfile that Cygni writes starts the program with it too."
        ),
        examples=["python3 app.py"],
    )
    steps: Annotated[tuple[BuildCommand, ...], Field(max_length=50, strict=False)] = Field(
        default=(),
        description=(
            "Commands run one after the other by a shell in a copy of `context`, before it becomes the image that "
            "`start` starts: to compile, or to fetch what the program needs. Where they are left out, those that are "
            "detected. A Dockerfile that Cygni writes runs them too."
        ),
        examples=[["npm ci", "go build -o hello ."]],
    )
    secrets: Annotated[BuildSecrets, Field(max_length=20)] = Field(
        default_factory=dict,
        description=(
            "Secrets that a Dockerfile mounts while it builds, by their ids, with what each refers to: `env:NAME`, a "
            "variable of whoever builds; `file:PATH`; or the ARN of a secret or a parameter. They are in no layer."
        ),
        examples=[{"npmrc": "file:~/.npmrc", "PIP_INDEX_URL": "env:PIP_INDEX_URL"}],
    )
    context_limit: int = Field(
        default=1024,
        ge=1,
        le=1024 * 1024,
        description=(
            "The most that the files in `context` may have together, in MiB. More is refused before it is read: it is "
            "most often what `.dockerignore` should name."
        ),
        examples=[4096],
    )

    @property
    def made_locally(self) -> bool:
        """Whether the local cloud makes the image; with a tag alone it is expected to be there."""
        return self.start is not None or not self.tag_is_written

    @property
    def tag_is_written(self) -> bool:
        """Whether cygni.yaml has the tag, which then says that the image comes from elsewhere."""
        return self.tag is not None and "tag" in self.model_fields_set

    def with_tag(self, tag: str) -> Build:
        """With a tag that follows from what it is made from."""
        tagged = self.model_copy(update={"tag": tag})
        tagged.model_fields_set.discard("tag")
        return tagged


class BaseService(Section):
    """What services of every kind have."""

    image: Image | None = Field(
        default=None,
        description="Container image to run. A service has exactly one of `image` and `build`.",
        examples=["public.ecr.aws/nginx/nginx:1.29"],
    )
    build: Build | None = Field(
        default=None,
        description=(
            "The image is made from source: on the local cloud by `steps` and `start`, for AWS by its Dockerfile, and "
            "pushed to an ECR repository of the service. A service has exactly one of `image` and `build`."
        ),
    )
    cpu: Annotated[int, Choice(tuple(FARGATE_MEMORY), f"Fargate offers {one_of(FARGATE_MEMORY)}")] = Field(
        default=256,
        description="CPU units of a task; 1024 are one vCPU. Fargate's sizes only.",
        examples=[512],
    )
    memory: int = Field(
        default=512,
        ge=512,
        le=122880,
        description=(
            "Memory of a task in MiB. Fargate's combinations only, cpu: memory: "
            + "; ".join(f"{cpu}: {sizes_in_words(sizes)}" for cpu, sizes in FARGATE_MEMORY.items())
            + "."
        ),
        examples=[1024],
    )
    architecture: Architecture = Field(
        default=Architecture.X86_64,
        strict=False,
        description="Processor of a task. `arm64` costs about a fifth less; the image must be built for it.",
        examples=["arm64"],
    )
    ephemeral_storage: int = Field(
        default=20, ge=20, le=200, description="Disk of a task in GiB; 20 are free.", examples=[40]
    )
    env: EnvironmentVariables = Field(
        default_factory=dict,
        description=(
            "Environment variables. Values are text; a number is taken as it is written (`1.10` stays `1.10`). "
            "true, false, yes, no, on and off need quotes. Not for secrets: they are readable in AWS."
        ),
        examples=[{"GREETING": "hello"}],
    )
    secrets: Annotated[ServiceSecrets, Field(max_length=30)] = Field(
        default_factory=dict,
        description=(
            "Environment variables whose values are secrets of yours: each with `secrets://NAME`, which the control "
            "plane keeps, with the ARN of a secret of Secrets Manager (with `:KEY::` for a key of its JSON), or with "
            "that of a parameter of Systems Manager. ECS reads them when a task starts. A variable that is in `env` "
            "too has the value that is there."
        ),
        examples=[
            {
                "API_TOKEN": "secrets://API_TOKEN",
                "STRIPE_KEY": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-AbCdEf:key::",
            },
        ],
    )
    command: Annotated[tuple[str, ...], Field(min_length=1, max_length=100, strict=False)] | None = Field(
        default=None,
        description="Replaces the image's own command (its CMD); a list, no shell is involved.",
        examples=[["python", "-m", "app"]],
    )
    stop_timeout: int = Field(
        default=30,
        ge=1,
        le=120,
        description="Seconds between asking a task to stop (SIGTERM) and killing it (SIGKILL).",
        examples=[60],
    )

    @classmethod
    def unknown_key(cls, key: str) -> Finding:
        kinds = [kind for kind, model in cls.kinds().items() if key in model.model_fields]
        if not kinds:
            return super().unknown_key(key)
        own = cls.model_fields["kind"].default
        hint = f"remove it, or make the service `kind: {kinds[0]}`"
        return Finding((key,), f"is only for a {one_of(kinds)} service; this is a {own}", hint, at_key=True)

    @classmethod
    def kinds(cls) -> Mapping[str, type[BaseService]]:
        """The models of services by their kind."""
        models = [BaseService]
        for model in models:
            models.extend(model.__subclasses__())
        return {
            str(model.model_fields["kind"].default): model for model in models if "kind" in model.model_fields
        }

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        yield from one_source(data)
        yield from fargate_size(data)
        yield from definition_size(data)
