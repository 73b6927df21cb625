"""Every served type, against moto: what is made can be read, changed, imported and taken away."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.provider import handlers
from cygni.local_cloud.provider.diff import diff
from cygni.local_cloud.provider.operations import Kept, resource_type
from tests.cygni.local_cloud.provider.counts import Inventory
from tests.cygni.local_cloud.provider.samples import Make
from tests.cygni.local_cloud.provider.samples_buckets import BUCKETS
from tests.cygni.local_cloud.provider.samples_compute import COMPUTE
from tests.cygni.local_cloud.provider.samples_core import CORE
from tests.cygni.local_cloud.provider.samples_databases import DATABASES
from tests.cygni.local_cloud.provider.samples_edge import EDGE
from tests.cygni.local_cloud.provider.samples_eks import EKS
from tests.cygni.local_cloud.provider.samples_messaging import MESSAGING
from tests.cygni.local_cloud.provider.samples_network import NETWORK

World = Any  # the fixture's class, see conftest.py

SAMPLES = CORE | BUCKETS | COMPUTE | DATABASES | EDGE | MESSAGING | NETWORK | EKS


@pytest.fixture
def make(world: World) -> Make:
    """Create a sample, and before it those it needs, each once."""
    made: dict[str, Kept] = {}

    def create(name: str) -> Kept:
        if name not in made:
            sample = SAMPLES[name]
            made[name] = world.create(sample.token, sample.inputs(create))
        return made[name]

    return create


def test_every_served_type_has_a_sample() -> None:
    assert {sample.token for sample in SAMPLES.values()} == set(handlers.tokens())


@pytest.mark.parametrize("name", list(SAMPLES))
class TestEveryType:
    def test_reads_back_what_it_created(self, name: str, world: World, make: Make) -> None:
        kept = make(name)
        kind = resource_type(SAMPLES[name].token)

        again = world.operations.read(kind, kept.id, kept.inputs, kept.outputs)

        assert again is not None
        assert (again.id, again.outputs, again.inputs) == (kept.id, kept.outputs, kept.inputs)

    def test_changes_in_place_and_imports_what_it_changed(self, name: str, world: World, make: Make) -> None:
        sample, kept = SAMPLES[name], make(name)
        kind = resource_type(sample.token)
        outputs, news = kept.outputs, kept.inputs
        if sample.change:
            given = {**sample.inputs(make), **sample.change(make)}
            news = world.check(sample.token, {k: v for k, v in given.items() if v is not None}, kept.inputs)
            difference = diff(kind, kept.inputs, kept.outputs, news)
            assert difference.changes
            assert not difference.replaces
            outputs = world.operations.update(kind, kept.id, kept.outputs, news, difference.properties)
            kept = world.replace(kept, outputs, news)

        assert not diff(kind, news, outputs, news).changes
        fresh = world.operations.read(kind, kept.id, news, outputs)
        assert fresh is not None
        assert (fresh.outputs, fresh.inputs) == (outputs, news)

        if sample.import_id is None:
            return
        imported = world.operations.read(kind, sample.import_id(kept), {}, {})

        assert imported is not None
        assert imported.id == kept.id or "rtbassoc" in imported.id
        left = diff(kind, imported.inputs, imported.outputs, news).changes
        assert [change for change in left if change.path not in sample.unreadable] == []

    def test_leaves_nothing_behind_and_may_be_deleted_twice(
        self, name: str, world: World, make: Make, inventory: Inventory
    ) -> None:
        kept = make(name)
        kind = resource_type(SAMPLES[name].token)

        world.delete_all()

        assert inventory() == {}
        if kind.token != "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders":
            assert world.operations.read(kind, kept.id, kept.inputs, kept.outputs) is None
        world.operations.delete(kind, kept.id, kept.outputs)
