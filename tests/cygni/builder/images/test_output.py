from __future__ import annotations

from cygni.builder.images.output import BuildSteps

BUILDKIT = """\
#1 [internal] load build definition from Dockerfile
#4 [build 1/4] FROM docker.io/library/python:3.11-bookworm@sha256:1
#5 [build 2/4] WORKDIR /app
#5 CACHED
#6 [build 3/4] COPY requirements.txt ./
#6 CACHED
#7 [build 4/4] RUN pip install -r requirements.txt
#7 1.204 Collecting flask
#7 DONE 9.1s
#8 [stage-1 2/2] COPY --from=build /app /app
#8 DONE 0.1s
#9 exporting to image
"""
BUILDAH = """\
[1/2] STEP 1/3: FROM python:3.11-bookworm AS build
[1/2] STEP 2/3: WORKDIR /app
--> Using cache 1f0d
[1/2] STEP 3/3: RUN pip install -r requirements.txt
Collecting flask
[2/2] STEP 1/2: FROM python:3.11-slim-bookworm
[2/2] STEP 2/2: COPY --from=build /app /app
--> Using cache 2a1b
[2/2] COMMIT app:1
"""


def taken(output: str) -> tuple[BuildSteps, list[str]]:
    steps = BuildSteps()
    begun = [instruction for line in output.splitlines() if (instruction := steps.take(line))]
    return steps, begun


def test_buildkit_tells_what_is_run_and_what_comes_from_the_cache() -> None:
    steps, begun = taken(BUILDKIT)
    assert (steps.count, steps.cached) == (4, 2)
    assert begun[0] == "WORKDIR /app"
    assert begun[-1] == "COPY --from=build /app /app"


def test_buildah_and_podman_do_in_their_words() -> None:
    steps, begun = taken(BUILDAH)
    assert (steps.count, steps.cached) == (3, 2)
    assert begun == ["WORKDIR /app", "RUN pip install -r requirements.txt", "COPY --from=build /app /app"]


def test_one_stage_has_no_number_before_its_steps() -> None:
    steps, _ = taken("STEP 1/2: FROM debian\nSTEP 2/2: COPY . .\n")
    assert (steps.count, steps.cached) == (1, 0)


def test_what_a_program_prints_is_no_step() -> None:
    steps, begun = taken("#7 0.1 [build 2/6] RUN\nmaking STEP 2\n--> Using cache of pip\n")
    assert (steps.count, begun) == (0, [])
