"""The job that builds an image, and the secret with what it may not show (pure).

Sources: Kubernetes API reference, batch/v1 Job and v1 Secret; BuildKit, "examples/kubernetes" and "Rootless mode": it
runs as user 1000, without profiles of seccomp and AppArmor, which would refuse the namespaces that it makes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cygni.builder.images.publishing import Login
from cygni.targets.build_source import CONTEXT, DOCKERFILE

FETCH: Final = "fetch"
BUILD: Final = "build"
"""The names of the containers, in the order they run."""
MINUTES: Final = 60
"""What the job is given, from its start; Kubernetes ends it then."""
_KEPT_SECONDS: Final = 600
"""How long Kubernetes keeps a job that nobody removed."""
_USER: Final = 1000
_GIVEN: Final = "/given"
_WORK: Final = "/work"
_STATE: Final = "/state"
_ADDRESS: Final = "context-address"
_CONFIG: Final = "config.json"
_SECRET: Final = "secret-"
_RIGHTS: Final = {
    "runAsUser": _USER,
    "runAsGroup": _USER,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "Unconfined"},
    "appArmorProfile": {"type": "Unconfined"},
}
_FETCHING: Final = "\n".join(
    [
        "set -eu",
        f"cd {_WORK}",
        f'wget -q -O source.zip "$(cat {_GIVEN}/{_ADDRESS})"',
        "unzip -q source.zip && rm source.zip",
        f"mkdir context && tar -xzf {CONTEXT} -C context && rm {CONTEXT}",
    ]
)


def job(
    name: str,
    image: str,
    address: str,
    platform: str,
    labels: Mapping[str, str],
    secrets: Sequence[str],
) -> dict[str, Any]:
    """The job that builds the image of what was sent and pushes it as `address`. `image` is BuildKit's, `secrets`
    are the ids that the Dockerfile mounts. It has one pod, which is not tried again."""
    from_secret = {"name": "given", "mountPath": _GIVEN, "readOnly": True}
    work = {"name": "work", "mountPath": _WORK}
    fetch = {
        "name": FETCH,
        "image": image,
        "command": ["sh", "-c", _FETCHING],
        "securityContext": _RIGHTS,
        "volumeMounts": [from_secret, work],
    }
    build = {
        "name": BUILD,
        "image": image,
        "command": ["buildctl-daemonless.sh", *_arguments(address, platform, labels, secrets)],
        "env": [
            {"name": "BUILDKITD_FLAGS", "value": f"--oci-worker-no-process-sandbox --root={_STATE}"},
            {"name": "DOCKER_CONFIG", "value": _GIVEN},
        ],
        "resources": {"requests": {"cpu": "1", "memory": "2Gi"}},
        "securityContext": _RIGHTS,
        "volumeMounts": [
            from_secret,
            work,
            {"name": "state", "mountPath": _STATE},
        ],
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "nodeSelector": dict(
            zip(("kubernetes.io/os", "kubernetes.io/arch"), platform.split("/"), strict=True)
        ),
        "securityContext": {"fsGroup": _USER},
        "initContainers": [fetch],
        "containers": [build],
        "volumes": [
            {"name": "given", "secret": {"secretName": name, "defaultMode": 0o440}},
            {"name": "work", "emptyDir": {}},
            {"name": "state", "emptyDir": {}},
        ],
    }
    about = {"app.kubernetes.io/managed-by": "cygni"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": about},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": MINUTES * 60,
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            "template": {"metadata": {"labels": about}, "spec": pod},
        },
    }


def _arguments(address: str, platform: str, labels: Mapping[str, str], secrets: Sequence[str]) -> list[str]:
    options = {"filename": DOCKERFILE, "platform": platform}
    options |= {f"label:{name}": value for name, value in sorted(labels.items())}
    return [
        "build",
        "--progress=plain",
        "--frontend=dockerfile.v0",
        f"--local=context={_WORK}/context",
        f"--local=dockerfile={_WORK}",
        *(f"--opt={name}={value}" for name, value in options.items()),
        *(
            f"--secret=id={name},src={_GIVEN}/{_SECRET}{number}"
            for number, name in enumerate(sorted(secrets))
        ),
        f"--output=type=image,name={address},push=true",
    ]


def secret(name: str, owner: str, address: str, login: Login, values: Mapping[str, bytes]) -> dict[str, Any]:
    """The secret that the job's pod mounts: where the context is fetched from, the registry's login, and the secrets of
    the build by id. It ends with the job, whose uid is `owner`."""
    auth = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
    content = {
        _ADDRESS: address.encode(),
        _CONFIG: json.dumps({"auths": {login.registry: {"auth": auth}}}).encode(),
    }
    content |= {f"{_SECRET}{number}": value for number, (_, value) in enumerate(sorted(values.items()))}
    reference = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": owner}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "ownerReferences": [reference]},
        "type": "Opaque",
        "data": {key: base64.b64encode(value).decode() for key, value in content.items()},
    }
