"""Errors as problem details."""

from __future__ import annotations

from platform_api import problems
from tests.platform_api.conftest import ControlPlane


class TestARequestThatIsWrongInManyPlaces:
    def test_is_told_of_the_first_and_how_many_more_there_are(self, control_plane: ControlPlane) -> None:
        wrong = {f"field-{number}": 1 for number in range(500)}
        answer = control_plane.client.post("/v1/sessions", json=wrong)
        told = answer.json()
        assert (answer.status_code, len(told["errors"])) == (422, problems.MOST_ERRORS)
        assert told["hint"] == "The first 20 are told; 482 more do not fit."

    def test_of_a_few_says_nothing_of_more(self, control_plane: ControlPlane) -> None:
        told = control_plane.client.post("/v1/sessions", json={}).json()
        assert [one["at"] for one in told["errors"]] == [["body", "email"], ["body", "password"]]
        assert "hint" not in told
