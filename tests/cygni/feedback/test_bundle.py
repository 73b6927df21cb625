from __future__ import annotations

import io
import json
import zipfile

from cygni.feedback.bundle import archive, bundle, events_kept, project_counts
from cygni.feedback.redaction import REDACTED, Redaction


class TestEvents:
    def test_keep_how_a_release_went_and_what_went_wrong(self) -> None:
        told = [
            {"event": "started", "doing": "cx deploy"},
            {"event": "weights", "weights": {"blue": 100}},
            {"event": "said", "text": 'env.A: "x" → "hunter2"'},
            {"event": "said", "text": "  | a line of a program"},
            {"event": "said", "text": "error: tasks end"},
            {
                "event": "ended",
                "exit_code": 11,
                "error": {"code": "tasks_failed", "details": {"lines": ["x"]}},
            },
        ]
        kept = events_kept([*map(json.dumps, told), '{"event": "cut', "[]", '"x"'])
        assert [one["event"] for one in kept] == ["started", "weights", "said", "ended"]
        assert kept[-1]["error"] == {"code": "tasks_failed", "message": None, "hint": None}


class TestProject:
    def test_is_counted_without_a_name_of_its_own(self) -> None:
        spec = {"project": "acme", "region": "x", "services": {"web": {}, "mail": {"kind": "worker"}, "b": 1}}
        counted = project_counts(spec)
        assert counted == {"sections": {"services": 3}, "services": {"web": 1, "worker": 1}}
        assert project_counts("broken") == project_counts(None) == {}


class TestBundle:
    def test_is_redacted_whole_and_says_what_it_holds(self) -> None:
        files = bundle(
            {"versions.json": {"a": "hunter2"}, "events-1.ndjson": [{"b": "hunter2"}]},
            Redaction(("hunter2",), {}),
        )
        assert list(files) == ["README.txt", "versions.json", "events-1.ndjson"]
        assert files["events-1.ndjson"] == f'{{"b": "{REDACTED}"}}\n'
        assert "versions.json: Cygni" in files["README.txt"]
        assert "hunter2" not in "".join(files.values())

    def test_is_an_archive(self) -> None:
        with zipfile.ZipFile(io.BytesIO(archive({"a.txt": "ä"}, "folder"))) as opened:
            assert opened.read("folder/a.txt").decode() == "ä"
