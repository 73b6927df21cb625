"""The images that AWS offers, as somebody finds them who looks for the first time."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud import moto_fixes


@pytest.fixture
def backend() -> Any:
    """That of a region, as it is before anybody has asked it for anything."""
    from moto.ec2.models import EC2Backend  # here: it takes a second

    moto_fixes.apply_to("ec2")
    return EC2Backend("eu-west-3", "123456789012")


def made(backend: Any) -> int:
    """How many images there are so far."""
    return len(vars(backend)["amis"])


class TestImages:
    def test_are_not_made_before_somebody_looks(self, backend: Any) -> None:
        backend.create_vpc("10.9.0.0/16")
        assert made(backend) == 0

    def test_are_all_there_for_who_looks(self, backend: Any) -> None:
        assert len(backend.describe_images()) == made(backend) > 100

    def test_are_found_by_their_id(self, backend: Any) -> None:
        [one, *_] = backend.describe_images()
        assert [image.id for image in backend.describe_images(ami_ids=[one.id])] == [one.id]

    def test_come_with_their_snapshots_and_leave_no_volume(self, backend: Any) -> None:
        assert len(backend.describe_snapshots()) == made(backend) > 100
        assert backend.volumes == {}

    def test_stay_deregistered(self, backend: Any) -> None:
        [one, *others] = backend.describe_images()
        backend.deregister_image(one.id)
        assert [image.id for image in backend.describe_images()] == [image.id for image in others]

    def test_are_there_beside_one_of_the_customer(self, backend: Any) -> None:
        own = backend.register_image("own", "made here")
        assert own.id in {image.id for image in backend.describe_images()}
        assert made(backend) > 100
