"""The resources of one estimate, and the ways from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cygni.resources import Resource


class ResourceSet:
    """Resources in the order of their URNs, so that an estimate does not depend on the order given."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.all: Sequence[Resource] = sorted(resources, key=lambda resource: (resource.urn, resource.type))
        self._by_urn: dict[str, Resource] | None = None
        self._by_type: dict[str, list[Resource]] | None = None
        self._users: dict[str, list[Resource]] | None = None

    def referred(self, resource: Resource, input_name: str, type_token: str) -> Resource | None:
        """The first resource of that type which the input was computed from."""
        if self._by_urn is None:
            self._by_urn = {each.urn: each for each in self.all}
        for urn in resource.references.get(input_name, ()):
            target = self._by_urn.get(urn)
            if target is not None and target.type == type_token:
                return target
        return None

    def of_type(self, type_token: str) -> Sequence[Resource]:
        if self._by_type is None:
            self._by_type = {}
            for resource in self.all:
                self._by_type.setdefault(resource.type, []).append(resource)
        return self._by_type.get(type_token, ())

    def users_of(self, urn: str) -> Sequence[Resource]:
        """The resources with an input that was computed from this one."""
        if self._users is None:
            self._users = {}
            for resource in self.all:
                for target in {urn for urns in resource.references.values() for urn in urns}:
                    self._users.setdefault(target, []).append(resource)
        return self._users.get(urn, ())

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.all)
