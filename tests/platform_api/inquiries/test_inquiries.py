"""Questions about an environment: asked over the API, answered by the real `cx`, streamed line by line."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.clock import SystemClock
from platform_api.database.transactions import Database
from platform_api.inquiries import repository, stream
from platform_api.inquiries.models import Inquiry, InquiryLine
from platform_api.inquiries.questions import Question, Questions
from platform_api.inquiries.repository import MOST_OPEN
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.worker.answering import Answering, arguments
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop, archive
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY

Result = TypeVar("Result")
SHOP = "/v1/organizations/acme/projects/shop"
STAGING = f"{SHOP}/environments/staging"
INQUIRIES = f"{STAGING}/inquiries"
CANARY = "canary-of-the-tenant"


class Asker:
    """A viewer of the project `shop`, of which something was deployed to `staging`."""

    def __init__(self, plane: ControlPlane, team: Team, folder: Path) -> None:
        self.team, self.workshop, self.folder = team, Workshop(plane), folder
        team.owner.post("/v1/organizations/acme/projects", slug="shop")
        team.owner.post(f"{SHOP}/environments", name="staging")
        team.owner.ask("PUT", f"{STAGING}/secrets/TOKEN", json={"value": CANARY})
        self.viewer: Person = team.invite("vera", "viewer")

    def deploys(self) -> None:
        sent = self.team.owner.ask("POST", f"{SHOP}/sources", content=archive())
        made = self.team.owner.post(f"{STAGING}/deployments", source=sent.json()["id"])
        assert made.status_code == 202
        self.workshop.run("UPDATE deployments SET status = 'succeeded' WHERE id = %s", made.json()["id"])

    def asks(self, kind: str = "status", **told: Any) -> str:
        made = self.viewer.post(f"{INQUIRIES}/{kind}", **told)
        assert made.status_code == 202, made.text
        return str(made.json()["id"])

    def lines(self, inquiry: str, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Each line's kind and data, without the end of the stream."""
        answer = self.viewer.get(f"{INQUIRIES}/{inquiry}/stream", **{"Last-Event-ID": str(after)})
        *blocks, over = answer.text.strip().split("\n\n")
        assert over.startswith("event: over")
        fields = [dict(line.split(": ", 1) for line in one.splitlines()) for one in blocks]
        return [(one["event"], json.loads(one["data"])) for one in fields]

    def with_questions(self, work: Callable[[Questions], Awaitable[Result]]) -> Result:
        """What `work` gives, done as the workers' role."""

        async def do() -> Result:
            database = Database(self.workshop.worker_url)
            try:
                return await work(Questions(database))
            finally:
                await database.close()

        return asyncio.run(do())

    def taken_up(self) -> Question:
        found = self.with_questions(lambda questions: questions.take_up("one"))
        assert found is not None
        return found

    def answers(self, home: str | None = None) -> None:
        """A worker answers what is asked, until nothing is left. `home` is as in `state_home`."""

        async def do() -> None:
            url = self.workshop.worker_url
            database, ring = Database(url), KeyRing([ServerKeyRoot(KEY)], SystemClock())
            ending = asyncio.Event()
            environ = {"PATH": "/usr/bin:/bin", "CYGNI_STATE": f"file://{self.folder}"}
            worker = Answering(url, database, ring, self.folder, environ, "one", KEY, local=False, home=home)
            task = asyncio.create_task(worker.run(ending))
            await asyncio.to_thread(self._until_nothing_is_open)
            ending.set()
            await task
            await database.close()

        asyncio.run(do())

    def _until_nothing_is_open(self) -> None:
        ends = time.monotonic() + 120
        while self.workshop.run("SELECT id FROM inquiries WHERE finished_at IS NULL"):
            assert time.monotonic() < ends
            time.sleep(0.1)


@pytest.fixture
def asker(control_plane: ControlPlane, team: Team, tmp_path: Path) -> Asker:
    return Asker(control_plane, team, tmp_path)


class TestAnswer:
    def test_is_what_cx_says_and_how_it_ends(self, asker: Asker) -> None:
        asker.deploys()
        inquiry = asker.asks("releases", as_json=True)
        asker.answers()
        [(kind, ended)] = asker.lines(inquiry)
        assert (kind, ended["error"]["code"]) == ("ended", "not_found")
        assert "nothing of shop is deployed to staging" in ended["error"]["message"]
        assert list((asker.folder / "questions").iterdir()) == []
        [passphrase] = (asker.folder / "organizations").glob("*/passphrase")
        assert passphrase.read_text() == KEY.state_passphrase(uuid.UUID(passphrase.parent.name))

    def test_is_given_where_the_state_is(self, asker: Asker) -> None:
        asker.deploys()
        asker.workshop.run("UPDATE environments SET state_home = 'there'")
        inquiry = asker.asks()
        asker.answers("here")
        [(_, ended)] = asker.lines(inquiry)
        assert ended["error"]["code"] == "preflight_failed"
        assert "in files of another worker" in ended["error"]["message"]

    def test_goes_on_where_a_connection_was_lost(self, asker: Asker) -> None:
        asker.deploys()
        inquiry = asker.asks()
        question = asker.taken_up()
        said = [("said", {"text": str(number)}) for number in range(3)]
        asker.with_questions(lambda questions: questions.write(question, said))
        ended = ("ended", {"error": None})
        asker.with_questions(lambda questions: questions.write(question, [ended], last=True))
        assert asker.lines(inquiry) == [*said, ended]
        assert asker.lines(inquiry, after=2) == [said[2], ended]

    def test_goes_on_where_the_database_was_away_for_a_moment(
        self, asker: Asker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asker.deploys()
        inquiry = asker.asks()
        question = asker.taken_up()
        said = ("said", {"text": "hello"})
        asker.with_questions(lambda questions: questions.write(question, [said], last=True))
        lines_after = repository.lines_after
        away: list[Exception] = [PoolTimeout(), OperationalError("SELECT", {}, Exception())]

        async def failing(session: AsyncSession, of: Inquiry, number: int) -> Sequence[InquiryLine]:
            if away:
                raise away.pop()
            return await lines_after(session, of, number)

        monkeypatch.setattr(stream, "lines_after", failing)
        assert asker.lines(inquiry) == [said]
        assert not away

    def test_has_more_lines_at_once_than_a_statement_takes_values(self, asker: Asker) -> None:
        asker.deploys()
        asker.asks("logs", since=60)
        question = asker.taken_up()
        wrote = [("wrote", {"text": str(number)}) for number in range(13_108)]
        assert asker.with_questions(lambda questions: questions.write(question, wrote))
        [kept] = asker.workshop.run("SELECT count(*), max(number) AS last FROM inquiry_lines")
        assert (kept["count"], kept["last"]) == (13_108, 13_108)

    def test_of_what_was_never_deployed_is_refused(self, asker: Asker) -> None:
        answer = asker.viewer.post(f"{INQUIRIES}/status")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_that_no_worker_takes_up_is_not_waited_for_for_ever(
        self, asker: Asker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "UNANSWERED_SECONDS", 0.1)
        asker.deploys()
        [(kind, ended)] = asker.lines(asker.asks())
        assert (kind, ended["error"]["code"]) == ("ended", "deadline_exceeded")


class TestQuestions:
    def test_are_ended_where_their_worker_was_lost_and_it_writes_no_more(self, asker: Asker) -> None:
        asker.deploys()
        inquiry = asker.asks()
        question = asker.taken_up()
        asker.workshop.run("UPDATE inquiries SET lease_expires_at = now() - interval '1 second'")
        asker.with_questions(lambda questions: questions.end_lost())
        assert [data["error"]["message"] for _, data in asker.lines(inquiry)] == [
            "the worker that answered was lost"
        ]
        late = [("said", {"text": "late"})]
        assert asker.with_questions(lambda questions: questions.write(question, late)) is False
        assert len(asker.lines(inquiry)) == 1

    def test_are_answered_for_as_long_as_somebody_listens(self, asker: Asker) -> None:
        asker.deploys()
        asker.asks("logs", follow=True)
        question = asker.taken_up()
        assert asker.with_questions(lambda questions: questions.write(question, [])) is True
        asker.workshop.run("UPDATE inquiries SET heard_at = now() - interval '2 minutes'")
        assert asker.with_questions(lambda questions: questions.write(question, [])) is False

    def test_that_follow_leave_places_to_others_and_those_nobody_listens_to_are_left_out(
        self, asker: Asker
    ) -> None:
        asker.deploys()
        asker.asks("status")
        asker.workshop.run("UPDATE inquiries SET heard_at = now() - interval '2 minutes'")
        followed, asked = asker.asks("logs", follow=True), asker.asks("logs")

        async def taken(questions: Questions) -> list[str]:
            found = [
                await questions.take_up("one", following=following) for following in (False, False, True)
            ]
            return [str(one and one.id) for one in found]

        assert asker.with_questions(taken) == [asked, "None", followed]

    def test_of_who_has_none_answered_come_first(self, asker: Asker) -> None:
        asker.deploys()
        of_acme = [asker.asks() for _ in range(3)]
        other = asker.workshop.organization("globex")
        environment = asker.workshop.environment(other)
        [made] = asker.workshop.run(
            "INSERT INTO inquiries (organization_id, id, project_id, environment_id, source_id, kind, arguments, as_json, "
            "actor, created_at, heard_at, last_line) SELECT %s, gen_random_uuid(), e.project_id, e.id, s.id, 'status', "
            "'{}', false, '{}', now(), now(), 0 FROM environments e JOIN sources s ON s.project_id = e.project_id "
            "WHERE e.id = %s RETURNING id",
            *(other, environment),
        )
        asker.workshop.run(
            "UPDATE inquiries SET id = 'ffffffff-ffff-7fff-bfff-ffffffffffff' WHERE id = %s", made["id"]
        )

        async def taken(questions: Questions) -> list[uuid.UUID]:
            found = [await questions.take_up("one") for _ in range(4)]
            return [one.organization for one in found if one is not None]

        assert asker.with_questions(taken).index(other) == 1
        assert len(of_acme) == 3

    def test_are_forgotten_with_their_lines(self, asker: Asker) -> None:
        asker.deploys()
        asker.asks()
        question = asker.taken_up()
        asker.with_questions(lambda questions: questions.write(question, [("said", {"text": "x"})]))
        asker.workshop.run("UPDATE inquiries SET created_at = now() - interval '3 hours'")
        asker.with_questions(lambda questions: questions.forget())
        assert asker.workshop.run("SELECT number FROM inquiry_lines") == []

    def test_are_no_more_at_a_time_than_workers_can_bear(self, asker: Asker) -> None:
        asker.deploys()
        for _ in range(MOST_OPEN):
            asker.asks()
        refused = asker.viewer.post(f"{INQUIRIES}/status")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")

    def test_hold_no_options_of_cx(self, asker: Asker) -> None:
        asker.deploys()
        for kind, told in (("logs", {"services": ["--here"]}), ("outputs", {"name": "--app"})):
            assert asker.viewer.post(f"{INQUIRIES}/{kind}", **told).status_code == 422


def test_arguments_are_those_of_the_command() -> None:
    nobody = uuid.UUID(int=0)
    place = ["--here", "--app", "/in", "--env", "staging"]

    def asked(kind: str, as_json: bool = False, **told: Any) -> list[str]:
        question = Question(nobody, nobody, nobody, nobody, nobody, kind, told, as_json, "one")
        return arguments(question, Path("/in"), "staging")

    assert asked("status", currency=None) == ["status", *place]
    assert asked("status", True, currency="EUR") == ["status", *place, "--json", "--currency", "EUR"]
    assert asked("releases", limit=5) == ["releases", "--limit", "5", *place]
    assert asked("outputs", name="services.urls") == ["outputs", "services.urls", *place]
    told: dict[str, Any] = {
        "services": ["web"],
        "follow": True,
        "since": 60,
        "until": 0,
        "pattern": "-x",
        "release": 3,
    }
    shown = ["--since", "60s", "--follow", "--filter=-x", "--release", "3"]
    assert asked("logs", **told) == ["logs", "web", *place, *shown]
