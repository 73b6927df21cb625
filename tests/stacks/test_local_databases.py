from __future__ import annotations

from pathlib import Path

import pytest

from cygni.local_cloud.databases.installation import Installation
from stacks import local_databases
from stacks.local_databases import unserved
from tests.factories import create_spec


@pytest.fixture
def without_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_databases, "installations", lambda: ())


@pytest.mark.usefixtures("without_postgresql")
class TestWithoutPostgresql:
    def test_says_which_databases_will_not_answer_and_what_helps(self) -> None:
        said = unserved(create_spec(environment="local", databases={"main": {}}))
        assert said.startswith("main will not answer: ")
        assert "`databases`" in said

    def test_says_nothing_of_what_never_answers_there(self) -> None:
        reports = {"reports": {"engine": "aurora-postgres"}}
        assert unserved(create_spec(environment="local", databases=reports)) == ""

    def test_says_nothing_of_aws(self) -> None:
        assert unserved(create_spec(environment="staging", databases={"main": {}})) == ""


def test_says_nothing_where_there_is_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_databases, "installations", lambda: (Installation(Path("/bin"), 16),))
    assert unserved(create_spec(environment="local", databases={"main": {}})) == ""
