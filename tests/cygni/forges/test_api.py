"""What is asked of a forge, and of nobody else."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from cygni.errors import AuthError, NotFound, ResourceFailed, Unreachable
from tests.forge_server import TOKEN, Fault, Forge


class TestCall:
    def test_with_a_wrong_token_is_refused(self, forge: Forge, comments: Any) -> None:
        api = replace(comments.api, headers={"Authorization": "Bearer wrong", "PRIVATE-TOKEN": "wrong"})
        with pytest.raises(AuthError, match="does not know the token: Bad credentials") as caught:
            replace(comments, api=api).create("x")
        assert "wrong" not in str(caught.value) + (caught.value.hint or "")

    def test_for_another_pull_request_is_not_found(self, comments: Any) -> None:
        other = replace(comments, pull_request=replace(comments.pull_request, number=13))
        with pytest.raises(NotFound, match="shows the token no such pull request: Not Found"):
            other.create("x")

    def test_takes_its_token_nowhere_else(self, forge: Forge, comments: Any) -> None:
        with pytest.raises(ResourceFailed, match="leads elsewhere"):
            comments.api.call("GET", "http://elsewhere.test/api/next")
        forge.faults = [Fault(302, headers={"Location": f"{forge.address}/elsewhere"})]
        with pytest.raises(ResourceFailed, match="answers 302"):
            comments.api.call("GET", "anything")
        assert len(forge.asked) == 1

    def test_waits_for_a_rate_that_is_told_by_its_end(
        self, forge: Forge, comments: Any, pauses: list[float]
    ) -> None:
        reset = str(int(time.time()) + 30)
        forge.faults = [Fault(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset})]
        comments.create("x")
        assert [20 < pause <= 30 for pause in pauses] == [True]

    def test_to_nobody_is_tried_again(self, comments: Any, pauses: list[float]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        gone = replace(comments.api, base=f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable, match="does not answer: .*refused"):
            gone.call("GET", "user")
        assert pauses == [1.0, 2.0, 4.0, 8.0]

    def test_tells_a_page_of_a_proxy_by_its_status(self, forge: Forge, comments: Any) -> None:
        forge.faults = [Fault(407, body="<html>log in</html>")]
        with pytest.raises(ResourceFailed, match="answers 407$"):
            comments.api.call("GET", "anything")


class TestToken:
    def test_is_in_no_text_about_it(self, comments: Any) -> None:
        assert TOKEN not in repr(comments.pull_request)
