"""Rules between the keys of a service. They look at what was written, where any value may have any type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cygni.aws_limits import FARGATE_MEMORY, TASK_DEFINITION_BYTES, sizes_in_words
from cygni.spec.section import Finding

_REST_OF_DEFINITION = 8 * 1024  # bytes kept for the command, the image, roles, logging


def one_source(data: Mapping[str, Any]) -> Iterable[Finding]:
    if data.get("image") is not None and data.get("build") is not None:
        yield Finding(
            ("build",), "a service has either image or build, not both", "remove one of them", (("image",),)
        )
    elif data.get("image") is None and data.get("build") is None:
        hint = "add `image: NAME` to run an existing image, or `build: {}` to make one"
        yield Finding((), "has neither image nor build", hint, (("image",), ("build",)))


def fargate_size(data: Mapping[str, Any]) -> Iterable[Finding]:
    cpu, memory = data.get("cpu", 256), data.get("memory", 512)
    if type(cpu) is not int or type(memory) is not int or cpu not in FARGATE_MEMORY:
        return
    if 512 <= memory <= 122880 and memory not in FARGATE_MEMORY[cpu]:
        unsaid = "" if "memory" in data else " (the default)"
        yield Finding(
            ("memory",),
            f"{memory} MiB{unsaid} does not go with {cpu} CPU units",
            f"with cpu {cpu}, Fargate offers {sizes_in_words(FARGATE_MEMORY[cpu])} MiB",
            related=(("cpu",),),
        )


def definition_size(data: Mapping[str, Any]) -> Iterable[Finding]:
    env, room = data.get("env"), TASK_DEFINITION_BYTES - _REST_OF_DEFINITION
    if not isinstance(env, Mapping):
        return
    pairs = [(name, value) for name, value in env.items() if isinstance(name, str) and isinstance(value, str)]
    size = sum(
        len((name + value).encode(errors="replace")) + len('{"name":"","value":""},') for name, value in pairs
    )
    if size > room:
        message = f"takes {size:,} bytes of the task definition, which has room for {room:,}"
        yield Finding(("env",), message, "ECS allows 64 KiB in all; keep large values in a file or a bucket")
