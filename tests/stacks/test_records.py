from __future__ import annotations

import dataclasses
import errno
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.errors import StateError
from cygni.health_check import HealthCheck
from cygni.naming import Part
from cygni.resources import UNKNOWN, Resource
from stacks import records
from stacks.bucket_inputs import BucketInputs
from stacks.inputs import (
    DataInputs,
    FoundationInputs,
    ServiceInputs,
    ServicesInputs,
    StackInputs,
)
from stacks.records import RecordStore, StackRecord, digest, write_whole

BUCKET = Resource(
    urn="urn:pulumi:shop.local.data::cygni::aws:s3/bucket:Bucket::shop-local-uploads",
    type="aws:s3/bucket:Bucket",
    name="shop-local-uploads",
    inputs={"bucket": "b", "tags": {"a": "b"}, "password": "[secret]", "list": [1, 2.5, True, None]},
    region="us-east-1",
    references={"bucket": ("urn:a", "urn:b")},
)
RECORD = StackRecord(
    digest="d1",
    state="f1",
    cloud="life-1",
    applied_at="2026-01-02T03:04:05+00:00",
    resources=(BUCKET,),
    outputs={"bucketNames": {"uploads": "b"}, "none": None},
)


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "projects" / "shop" / "local")


class TestRecordStore:
    def test_reads_what_it_wrote(self, store: RecordStore) -> None:
        store.write(Part.DATA, RECORD)
        assert store.read(Part.DATA) == RECORD

    def test_keeps_the_parts_apart(self, store: RecordStore) -> None:
        store.write(Part.DATA, RECORD)
        assert store.read(Part.SERVICES) is None

    def test_forgets(self, store: RecordStore) -> None:
        store.write(Part.DATA, RECORD)
        store.forget(Part.DATA)
        store.forget(Part.DATA)
        assert store.read(Part.DATA) is None

    def test_says_why_it_cannot_forget(self, store: RecordStore) -> None:
        (store.folder / "data.json").mkdir(parents=True)
        with pytest.raises(StateError, match=r"cannot write .*data\.json"):
            store.forget(Part.DATA)

    def test_takes_a_value_that_is_not_known(self, store: RecordStore) -> None:
        unknown = dataclasses.replace(BUCKET, inputs={"bucket": UNKNOWN})
        store.write(Part.DATA, dataclasses.replace(RECORD, resources=(unknown,)))
        read = store.read(Part.DATA)
        assert read is not None
        assert read.resources[0].inputs == {"bucket": "<unknown>"}

    def test_leaves_nothing_beside_the_record(self, store: RecordStore) -> None:
        store.write(Part.DATA, RECORD)
        assert [path.name for path in store.folder.iterdir()] == ["data.json"]


def without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda stored: {name: value for name, value in stored.items() if name != key}


def having(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda stored: {**stored, **values}


def resource_having(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda stored: {**stored, "resources": [{**stored["resources"][0], **values}]}


class TestDamagedRecord:
    @pytest.mark.parametrize(
        "damage",
        [
            *(
                without(key)
                for key in ("format", "digest", "state", "cloud", "applied_at", "resources", "outputs")
            ),
            having(format=2),
            having(format="1"),
            having(digest=1),
            having(cloud=None),
            having(outputs=None),
            having(outputs=[]),
            having(resources=None),
            having(resources="abc"),
            having(resources=[1]),
            having(resources=[{}]),
            resource_having(urn=5),
            resource_having(inputs=None),
            resource_having(inputs=[]),
            resource_having(references=[]),
            resource_having(references={"a": 5}),
            resource_having(more=1),
            lambda stored: [stored],
            lambda stored: None,
        ],
    )
    def test_counts_as_none(self, store: RecordStore, damage: Callable[[dict[str, Any]], Any]) -> None:
        store.write(Part.DATA, RECORD)
        path = store.folder / "data.json"
        path.write_text(json.dumps(damage(json.loads(path.read_text()))))
        assert store.read(Part.DATA) is None

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b"\x00" * 64])
    def test_that_is_no_json_counts_as_none(self, store: RecordStore, content: bytes) -> None:
        store.folder.mkdir(parents=True)
        (store.folder / "data.json").write_bytes(content)
        assert store.read(Part.DATA) is None

    def test_that_was_cut_off_anywhere_counts_as_none(self, store: RecordStore) -> None:
        store.write(Part.DATA, RECORD)
        path = store.folder / "data.json"
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            assert store.read(Part.DATA) is None

    def test_that_cannot_be_opened_counts_as_none(self, store: RecordStore) -> None:
        (store.folder / "data.json").mkdir(parents=True)
        assert store.read(Part.DATA) is None


class TestWriteWhole:
    def test_replaces_the_content(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "a" / "file", "one")
        write_whole(tmp_path / "a" / "file", "two")
        assert (tmp_path / "a" / "file").read_text() == "two"

    def test_lets_nobody_else_read_unless_it_is_shared(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        before = os.umask(0o022)
        try:
            for private, mode in (True, 0o600), (False, 0o644), (True, 0o600):
                write_whole(path, "text", private=private)
                assert stat.S_IMODE(path.stat().st_mode) == mode
        finally:
            os.umask(before)

    @pytest.mark.parametrize("failing", ["fsync", "replace"])
    def test_keeps_the_old_content_when_the_disk_is_full(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
    ) -> None:
        path = tmp_path / "file"
        write_whole(path, "old")

        def full(*arguments: Any, **named: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        if failing == "fsync":
            monkeypatch.setattr(os, "fsync", full)
        else:
            monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(StateError, match="No space left on device") as caught:
            write_whole(path, "new")
        assert "Free some space" in (caught.value.hint or "")
        assert path.read_text() == "old"
        assert [one.name for one in tmp_path.iterdir()] == ["file"]

    def test_says_so_when_a_file_is_where_its_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("in the way")
        with pytest.raises(StateError, match="cannot write"):
            write_whole(tmp_path / "a" / "b" / "file", "text")


HEALTH = HealthCheck("/", 15, 5, 2, 3, "200-399")
SERVICE = ServiceInputs(
    name="web",
    kind="web",
    image="nginx",
    repository="",
    image_tag="",
    cpu=256,
    memory=512,
    architecture="x86_64",
    ephemeral_storage=20,
    count=1,
    environment=(("A", "1"),),
    command=("run",),
    stop_timeout=30,
    port=80,
    path="/",
    health=HEALTH,
    deregistration_delay=15,
)
FOUNDATION = FoundationInputs("shop", "local", "10.20.0.0/16", 2, "none", load_balancer=True)
DATA = DataInputs("shop", "local", (BucketInputs("uploads", versioning=True),))
SERVICES = ServicesInputs("shop", "local", False, 30, (SERVICE,), ("uploads",))


def each_changed(value: Any) -> list[tuple[str, Any]]:
    """`value` with one thing in it changed, for each thing in it, by where that is."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            (f"{field.name}.{path}", dataclasses.replace(value, **{field.name: changed}))
            for field in dataclasses.fields(value)
            for path, changed in each_changed(getattr(value, field.name))
        ]
    if isinstance(value, tuple) and value:
        inside = [
            (f"{index}.{path}", (*value[:index], changed, *value[index + 1 :]))
            for index, one in enumerate(value)
            for path, changed in each_changed(one)
        ]
        return [*inside, ("fewer", value[1:]), ("more", (*value, value[0]))]
    if isinstance(value, tuple):
        return [("more", ("more",))]
    if isinstance(value, bool):
        return [("", not value)]
    return [("", value + 1 if isinstance(value, int) else f"{value}x")]


CHANGES = [
    pytest.param(whole, changed, id=f"{type(whole).__name__}.{path}")
    for whole in (FOUNDATION, DATA, SERVICES)
    for path, changed in each_changed(whole)
]


class TestDigest:
    @pytest.mark.parametrize(("whole", "changed"), CHANGES)
    def test_changes_with_every_input(self, whole: StackInputs, changed: StackInputs) -> None:
        assert whole != changed
        assert digest(whole, {}, []) != digest(changed, {}, [])

    def test_is_the_same_for_the_same(self) -> None:
        again = dataclasses.replace(SERVICES, services=(dataclasses.replace(SERVICE),))
        assert digest(again, {"a": {"b": 1}}, ["x"]) == digest(SERVICES, {"a": {"b": 1}}, ["x"])

    def test_tells_stacks_with_equal_inputs_apart(self) -> None:
        class Other(DataInputs):
            part = Part.SERVICES

        assert digest(DataInputs("a", "b"), {}, []) != digest(Other("a", "b"), {}, [])

    @given(st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), min_size=2, max_size=6))
    def test_does_not_depend_on_the_order_of_a_mapping(self, values: dict[str, Any]) -> None:
        turned = dict(reversed(values.items()))
        assert digest(DATA, {"foundation": values}, []) == digest(DATA, {"foundation": turned}, [])

    @pytest.mark.parametrize(
        "upstream",
        [
            {"foundation": {"vpcId": "vpc-2"}},
            {"foundation": {"vpcId": UNKNOWN}},
            {"foundation": {}},
            {"data": {"vpcId": "vpc-1"}},
            {},
        ],
    )
    def test_changes_with_what_comes_before(self, upstream: Mapping[str, Mapping[str, Any]]) -> None:
        assert digest(DATA, upstream, []) != digest(DATA, {"foundation": {"vpcId": "vpc-1"}}, [])

    def test_changes_with_the_surroundings(self) -> None:
        assert digest(DATA, {}, ["us-east-1", "aws"]) != digest(DATA, {}, ["us-east-1", "local"])
        assert digest(DATA, {}, ["a", "b"]) != digest(DATA, {}, ["b", "a"])

    def test_changes_with_the_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = digest(DATA, {}, [])
        monkeypatch.setattr(records, "_program_text", lambda: "another version")
        assert digest(DATA, {}, []) != before

    def test_refuses_what_it_cannot_write_down(self) -> None:
        with pytest.raises(TypeError, match="cannot keep a object"):
            digest(DATA, {"foundation": {"a": object()}}, [])


class TestProgramText:
    def test_covers_every_program_and_component(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = Path(records.__file__).parents[1]
        for folder in ("components", "stacks", "cygni"):
            (tmp_path / folder).mkdir()
            for source in (root / folder).glob("*.py"):
                (tmp_path / folder / source.name).write_bytes(source.read_bytes())
        monkeypatch.setattr(records, "__file__", str(tmp_path / "stacks" / "records.py"))
        seen = {records._program_text.__wrapped__()}
        for changed in ("components/network.py", "stacks/services.py", "cygni/naming.py"):
            with (tmp_path / changed).open("a") as file:
                file.write("# changed\n")
            seen.add(records._program_text.__wrapped__())
        assert len(seen) == 4
