"""The machine images that AWS offers, made when somebody looks at them; applied by moto_fixes.py."""

from __future__ import annotations

from typing import Any

_AWAITED = "_images_are_awaited"


def fix_ec2() -> None:
    """moto makes some 500 images, a snapshot of each and a volume for it, in each region's first call of EC2: a third
    of a second, and few ever look at one."""
    from moto.ec2.models.amis import AmiBackend
    from moto.ec2.models.elastic_block_store import EBSBackend

    load = AmiBackend._load_amis  # noqa: SLF001

    def put_off(backend: Any) -> None:
        vars(backend)[_AWAITED] = True

    def made_when_read(name: str) -> property:
        def read(backend: Any) -> Any:
            if vars(backend).pop(_AWAITED, False):  # popped first: making an image reads both
                load(backend)
            return vars(backend)[name]

        def write(backend: Any, value: Any) -> None:
            vars(backend)[name] = value

        return property(read, write)

    AmiBackend._load_amis = put_off  # noqa: SLF001
    AmiBackend.amis = made_when_read("amis")
    EBSBackend.snapshots = made_when_read("snapshots")
