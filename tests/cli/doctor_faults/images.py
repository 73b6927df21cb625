"""Faults of images."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World


def right_login(world: World) -> None:
    world.cx.write(services={"web": {"image": f"{world.registry.host}/web:1", "port": 80}})
    _log_in(world, "right")


def _log_in(world: World, password: str) -> None:
    import base64

    folder = Path(os.environ["DOCKER_CONFIG"])
    folder.mkdir(exist_ok=True)
    auth = base64.b64encode(f"me:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {world.registry.host: {"auth": auth}}}))


def wrong_login(world: World) -> None:
    _log_in(world, "wrong")
    world.typed[f"docker login {world.registry.host}"] = lambda line: _log_in(world, "right")


def no_login(world: World) -> None:
    (Path(os.environ["DOCKER_CONFIG"]) / "config.json").unlink()
    world.typed[f"docker login {world.registry.host}"] = lambda line: _log_in(world, "right")


def image_pushed(world: World) -> None:
    world.cx.write(services={"web": {"build": {"tag": "v1"}, "port": 80}})
    world.client("ecr").create_repository(repositoryName="shop/staging/web")
    _push(world, "shop/staging/web:v1")


def _push(world: World, line: str) -> None:
    tag = line.rpartition(":")[2]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": f"sha256:{'0' * 64}", "size": 1},
            "layers": [],
        }
    )
    world.client("ecr").put_image(repositoryName="shop/staging/web", imageManifest=manifest, imageTag=tag)


def image_gone(world: World) -> None:
    ids = [{"imageTag": "v1"}]
    world.client("ecr").batch_delete_image(repositoryName="shop/staging/web", imageIds=ids)
    push = "docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/staging/web:v1"
    world.typed[push] = lambda line: _push(world, line)


FAULTS = [
    Fault("registry-login", "refuses the login", wrong_login, right_login),
    Fault("registry-login", "docker keeps none", no_login, right_login, id="no-login"),
    Fault("pushed-images", "web expects", image_gone, image_pushed),
]
