"""Values of the Pulumi provider protocol as plain Python values, and back.

`pulumi.runtime.rpc` does this too, but importing it loads the whole SDK (0.45 s against 0.1 s), which every
preview would pay. The signatures are those of the Pulumi deployment schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value  # type: ignore[import-untyped]

Path = tuple[str | int, ...]
Values = dict[str, Any]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"

_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine marks an unknown of a known kind (bool, number, array, asset, archive, object) with its own text.
_UNKNOWN_TEXTS: Final = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown:
    """A value that will only be known once something has been created. There is one: UNKNOWN."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __copy__(self) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


def has_unknown(value: Any) -> bool:
    """Whether `value` is unknown or holds an unknown anywhere."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_unknown(inner) for inner in value)
    return False


def is_asset(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(SIGNATURE) in (ASSET, ARCHIVE)


def decode(struct: Struct) -> tuple[Values, frozenset[Path]]:
    """Plain values of a message, and the paths in them that are secret. Nulls are left out."""
    secrets: set[Path] = set()
    return _decode_fields(struct, (), secrets), frozenset(secrets)


def _decode_fields(struct: Struct, path: Path, secrets: set[Path]) -> Values:
    values = {}
    for key, value in struct.fields.items():
        decoded = _decode_value(value, (*path, key), secrets)
        if decoded is not None:
            values[key] = decoded
    return values


def _decode_value(value: Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode_value(item, (*path, i), secrets) for i, item in enumerate(value.list_value.values)]
    if kind == "struct_value":
        return _decode_struct(value.struct_value, path, secrets)
    return None


def _decode_struct(struct: Struct, path: Path, secrets: set[Path]) -> Any:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature == SECRET:
        secrets.add(path)
        return _decode_value(struct.fields["value"], path, secrets)
    if signature == OUTPUT:
        if "secret" in struct.fields and struct.fields["secret"].bool_value:
            secrets.add(path)
        return _decode_value(struct.fields["value"], path, secrets) if "value" in struct.fields else UNKNOWN
    if signature == RESOURCE:
        name = "id" if "id" in struct.fields else "urn"
        return _decode_value(struct.fields[name], path, secrets)
    return _decode_fields(struct, path, secrets)


def encode(values: Mapping[str, Any], secrets: Iterable[Path] = ()) -> Struct:
    """A message of `values`, with what lies at the secret paths wrapped as secret.

    A path that no longer exists marks the nearest value above it that does, so that a change of shape never
    bares a secret.
    """
    marked = {reached for path in secrets if (reached := _reach(values, path))}
    struct = Struct()
    _encode_fields(struct, values, (), marked)
    return struct


def _reach(values: Any, path: Path) -> Path:
    reached: Path = ()
    here = values
    for step in path:
        has_key = isinstance(here, Mapping) and step in here
        has_index = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if not (has_key or has_index):
            break
        here = here[step]
        reached = (*reached, step)
    return reached


def _encode_fields(struct: Struct, values: Mapping[str, Any], path: Path, secrets: set[Path]) -> None:
    for key, value in values.items():
        if value is not None:
            _encode_value(struct.fields[key], value, (*path, key), secrets)


def _encode_value(target: Value, value: Any, path: Path, secrets: set[Path]) -> None:
    if path in secrets:
        wrapper = target.struct_value
        wrapper.fields[SIGNATURE].string_value = SECRET
        target = wrapper.fields["value"]
    if value is UNKNOWN:
        target.string_value = _UNKNOWN_TEXT
    elif value is None:
        target.null_value = 0
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        _encode_fields(target.struct_value, value, path, secrets)
    else:
        target.list_value.SetInParent()
        for index, item in enumerate(value):
            _encode_value(target.list_value.values.add(), item, (*path, index), secrets)


def without_indices(paths: Iterable[Path]) -> frozenset[Path]:
    """Secret paths cut before their first list index: the cloud may answer a list in another order."""
    cut = set()
    for path in paths:
        index = next((i for i, step in enumerate(path) if isinstance(step, int)), len(path))
        cut.add(path[:index])
    return frozenset(cut)


def texts_at(values: Any, paths: Iterable[Path]) -> frozenset[str]:
    """Every text found at or below `paths`, to recognise a secret that turns up under another name. A path of which
    nothing is there, as of a secret that is null, has none."""
    found: set[str] = set()
    for path in paths:
        here = values
        if _reach(values, path) == path:
            for step in path:
                here = here[step]
            _collect_texts(here, found)
    return frozenset(found)


def _collect_texts(value: Any, found: set[str]) -> None:
    if isinstance(value, str) and value:
        found.add(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            _collect_texts(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _collect_texts(inner, found)
