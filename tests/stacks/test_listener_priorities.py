"""In which order the rules of one listener are asked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stacks.inputs import ServiceInputs
from stacks.services import listener_priorities


def web(name: str, path: str) -> ServiceInputs:
    return ServiceInputs(
        name=name,
        kind="web",
        image="a",
        repository="",
        image_tag="",
        cpu=256,
        memory=512,
        architecture="x86_64",
        ephemeral_storage=20,
        count=1,
        environment=(),
        command=(),
        stop_timeout=30,
        port=80,
        path=path,
    )


paths = st.integers(0, 125).map(lambda length: "/" + "a" * length)
service_maps = st.dictionaries(st.text("abc", min_size=1, max_size=5), paths, min_size=1, max_size=12)


class TestListenerPriorities:
    @given(service_maps)
    def test_ask_the_longest_path_first(self, given: dict[str, str]) -> None:
        found = listener_priorities([web(name, path) for name, path in given.items()])
        by_priority = sorted(found, key=lambda name: found[name])
        lengths = [len(given[name]) for name in by_priority]
        assert lengths == sorted(lengths, reverse=True)

    @given(service_maps)
    def test_are_ones_that_a_listener_takes_and_each_used_once(self, given: dict[str, str]) -> None:
        found = listener_priorities([web(name, path) for name, path in given.items()])
        assert set(found) == set(given)
        assert len(set(found.values())) == len(found)
        assert all(1 <= priority <= 50_000 for priority in found.values())

    def test_stay_when_services_come_and_go(self) -> None:
        """Or the engine would move one rule to a priority that another still has, which AWS refuses."""
        before = [web("web", "/"), web("api", "/api")]
        after = [*before, web("admin", "/admin"), web("docs", "/doc")]
        was, now = listener_priorities(before), listener_priorities(after)
        assert {name: now[name] for name in was} == was

    def test_fit_many_services_with_paths_of_one_length(self) -> None:
        many = [web(f"s{number}", f"/{number:03}") for number in range(130)]
        assert len(set(listener_priorities(many).values())) == 130

    def test_are_for_web_services_alone(self) -> None:
        assert listener_priorities([replace(web("a", ""), kind="worker")]) == {}
