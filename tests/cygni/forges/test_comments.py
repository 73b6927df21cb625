"""One comment, whatever happens, on each of the forges."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import AuthError, ResourceFailed, Unreachable
from tests.cygni.forges.conftest import Publisher
from tests.forge_server import OTHER, Fault, Forge


class TestPublish:
    def test_makes_a_comment_and_then_brings_it_up_to_date(self, forge: Forge, publishing: Publisher) -> None:
        forge.write("a person's word")
        assert publishing("the first").done == "created"
        again = publishing("the second")
        assert (again.done, len(forge.texts)) == ("updated", 2)
        assert forge.texts[1].endswith("\n\nthe second")
        assert str(forge.comments[1].number) in again.address

    def test_has_one_for_each_environment(self, forge: Forge, publishing: Publisher) -> None:
        for text in ("one", "two"):
            publishing(text)
            publishing(text, name="cygni:plan:shop:staging-2")
        assert [text.rpartition("\n")[2] for text in forge.texts] == ["two", "two"]

    def test_begins_none_where_it_may_not(self, forge: Forge, publishing: Publisher) -> None:
        assert publishing("quiet", begin=False).done == "left out"
        assert forge.texts == []
        publishing("loud")
        assert publishing("no changes", begin=False).done == "updated"
        assert forge.texts[0].endswith("no changes")

    def test_finds_its_own_behind_many_others(self, forge: Forge, publishing: Publisher) -> None:
        forge.page = 3
        for number in range(7):
            forge.write(f"word {number}")
        publishing("one")
        publishing("two")
        assert len(forge.texts) == 8

    def test_leaves_alone_what_others_write_with_its_mark(
        self, forge: Forge, comments: Any, publishing: Publisher
    ) -> None:
        mark = comments.mark("cygni:plan:shop:staging")
        forge.write(f"{mark}\n\nnot ours", author=OTHER)
        forge.write(f"> {mark}\n\nquoted by a person")
        assert publishing("the plan").done == "created"
        assert publishing("the plan again").done == "updated"
        assert [text.rpartition("\n")[2] for text in forge.texts] == [
            "not ours",
            "quoted by a person",
            "the plan again",
        ]

    def test_knows_its_own_by_a_token_of_a_person_too(
        self, forge: Forge, comments: Any, publishing: Publisher
    ) -> None:
        forge.personal = True
        forge.write(f"{comments.mark('cygni:plan:shop:staging')}\n\nnot ours", author=OTHER)
        assert publishing("one").done == "created"
        assert publishing("two").done == "updated"
        assert [text.rpartition("\n")[2] for text in forge.texts] == ["not ours", "two"]

    def test_does_not_find_what_was_deleted(self, forge: Forge, publishing: Publisher) -> None:
        publishing("one")
        forge.comments[0].deleted = True
        assert publishing("two").done == "created"

    def test_gives_way_to_a_job_that_was_quicker(
        self, forge: Forge, comments: Any, publishing: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        carry_out, mark = forge._carry_out, comments.mark("cygni:plan:shop:staging")

        def racing(method: str, target: str, body: Any) -> Any:
            if method == "POST":
                forge.write(f"{mark}\n\nthe other job's")
            return carry_out(method, target, body)

        monkeypatch.setattr(forge, "_carry_out", racing)
        assert publishing("ours").done == "updated"
        assert [text.rpartition("\n")[2] for text in forge.texts] == ["ours"]


class TestFaults:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_of_the_forge_are_waited_for(
        self, forge: Forge, publishing: Publisher, pauses: list[float], status: int
    ) -> None:
        forge.faults = [Fault(status), Fault(status)]
        assert publishing("one").done == "created"
        assert pauses == [1.0, 2.0]

    def test_do_not_double_a_comment_that_was_made_all_the_same(
        self, forge: Forge, publishing: Publisher
    ) -> None:
        forge.faults = [Fault(502, "POST", done=True)]
        assert publishing("one").done == "created"
        assert len(forge.texts) == 1

    def test_that_last_are_an_error(self, forge: Forge, publishing: Publisher, pauses: list[float]) -> None:
        forge.faults = [Fault(503)] * 50
        with pytest.raises(Unreachable, match="answers 503: out of order, again and again"):
            publishing("one")
        assert pauses == [1.0, 2.0, 4.0, 8.0]

    def test_of_the_rate_wait_as_long_as_they_say(
        self, forge: Forge, publishing: Publisher, pauses: list[float]
    ) -> None:
        forge.faults = [Fault(429, headers={"Retry-After": "17"}), Fault(429, "POST")]
        assert publishing("one").done == "created"
        assert pauses == [17.0, 1.0]

    def test_of_the_rate_are_an_error_where_they_last_for_long(
        self, forge: Forge, publishing: Publisher, pauses: list[float]
    ) -> None:
        forge.faults = [Fault(429, headers={"Retry-After": "3600"})]
        with pytest.raises(Unreachable, match="takes no more requests for 3600 s"):
            publishing("one")
        assert pauses == []

    def test_of_permission_say_what_the_token_needs(self, forge: Forge, publishing: Publisher) -> None:
        forge.may_write = False
        with pytest.raises(AuthError, match="does not allow the token to comment: Resource not") as caught:
            publishing("one")
        assert "token" in (caught.value.hint or "")

    def test_of_what_is_too_long_are_told_in_the_forges_words(
        self, forge: Forge, publishing: Publisher
    ) -> None:
        with pytest.raises(ResourceFailed, match="answers 422: Validation Failed: body is too long"):
            publishing("x" * 1_000_001)
