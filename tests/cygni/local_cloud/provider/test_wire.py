"""Protocol values: the same bytes as the SDK's own marshalling, and no secret bared."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from cygni.local_cloud.provider import wire
from cygni.local_cloud.provider.wire import UNKNOWN

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)


def without_nulls(value: Any) -> Any:
    """Nulls of maps are left out; those of lists hold their place."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value


class TestRoundTrip:
    @given(st.dictionaries(st.text(min_size=1), VALUES))
    def test_keeps_plain_values(self, values: dict[str, Any]) -> None:
        decoded, secrets = wire.decode(wire.encode(values))

        assert decoded == without_nulls(values)
        assert not secrets

    def test_keeps_unknown_values(self) -> None:
        decoded, _ = wire.decode(wire.encode({"a": [UNKNOWN], "b": {"c": UNKNOWN}}))

        assert decoded == {"a": [UNKNOWN], "b": {"c": UNKNOWN}}
        assert wire.has_unknown(decoded)

    def test_keeps_secrets_secret(self) -> None:
        values: wire.Values = {"tags": {"token": "x", "team": "blue"}, "list": ["a", "b"]}
        paths: frozenset[wire.Path] = frozenset({("tags", "token"), ("list", 1)})

        assert wire.decode(wire.encode(values, paths)) == (values, paths)

    def test_marks_what_is_left_of_a_secret_path(self) -> None:
        """A policy given as an object with a secret inside is kept as one text: all of it is secret."""
        _, secrets = wire.decode(wire.encode({"policy": "{}", "name": "n"}, {("policy", "Statement", 0)}))

        assert secrets == {("policy",)}


class TestTextsAt:
    def test_are_those_of_a_secret_and_of_all_in_it(self) -> None:
        values: wire.Values = {"tags": {"token": "x", "team": "blue"}, "list": ["a", {"b": "c"}]}
        paths: list[wire.Path] = [("tags", "token"), ("list",)]
        assert wire.texts_at(values, paths) == {"x", "a", "c"}

    def test_are_none_of_a_secret_that_is_null(self) -> None:
        struct = wire.encode({"name": "n", "nested": {"password": "gone"}}, {("nested", "password")})
        hidden = struct.fields["nested"].struct_value.fields["password"].struct_value
        hidden.fields["value"].null_value = 0
        values, secrets = wire.decode(struct)
        assert secrets == {("nested", "password")}
        assert wire.texts_at(values, secrets) == frozenset()


class TestTheSdk:
    def test_reads_what_is_encoded(self) -> None:
        struct = wire.encode({"id": UNKNOWN, "password": "p", "port": 80}, {("password",)})

        read = rpc.deserialize_properties(struct, keep_unknowns=True)

        assert isinstance(read["id"], pulumi.output.Unknown)
        assert read["password"] == {rpc._special_sig_key: rpc._special_secret_sig, "value": "p"}
        assert read["port"] == 80

    def test_writes_what_is_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pulumi.runtime.settings, "monitor_supports_feature", lambda _: True)

        async def serialize() -> Any:
            given = {"password": pulumi.Output.secret("p"), "names": ["a"], "flag": True}
            return await rpc.serialize_properties(given, {})

        values, secrets = wire.decode(asyncio.run(serialize()))

        assert values == {"password": "p", "names": ["a"], "flag": True}
        assert secrets == {("password",)}


class TestSignatures:
    def test_are_those_of_the_sdk(self) -> None:
        assert rpc._special_sig_key == wire.SIGNATURE
        assert rpc._special_secret_sig == wire.SECRET
        assert rpc._special_asset_sig == wire.ASSET
        assert rpc._special_archive_sig == wire.ARCHIVE
        assert rpc._special_resource_sig == wire.RESOURCE
        assert rpc._special_output_value_sig == wire.OUTPUT
        assert rpc.UNKNOWN in wire._UNKNOWN_TEXTS


class TestWithoutIndices:
    def test_cuts_a_path_before_its_list(self) -> None:
        paths = {("rules", 0, "value"), ("tags", "a")}

        assert wire.without_indices(paths) == {("rules",), ("tags", "a")}
