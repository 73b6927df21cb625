"""Values that programs stumble over, and good requests made bad, chosen by a random generator that is given."""

from __future__ import annotations

import json
from random import Random
from typing import Any

VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    1e308,
    float("inf"),
    float("nan"),
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff" * 3,
    "\u202e",
    "\ufeff",
    "é" * 300,
    "🦢" * 100,
    "x" * 100_000,
    "..",
    "../../etc/passwd",
    "%00",
    "' OR 1=1 --",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "\r\nSet-Cookie: a=b",
    "00000000-0000-0000-0000-000000000000",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999+23:59",
    "file:///etc/passwd",
    "http://[::1",
    "https://user:password@host:99999/",
    "ſhop",
    [],
    {},
    [[]],
    {"": ""},
    {"\ud800": 1},
    {"$ref": "#"},
    {"__class__": "x"},
]
TEXTS = [one for one in VALUES if isinstance(one, str)]


def nested(depth: int) -> Any:
    found: Any = "x"
    for _ in range(depth):
        found = [found]
    return found


def spoiled(random: Random, value: Any) -> Any:
    """With one thing in it that is another one now, is gone, or is too much."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(list(value))
        match random.randrange(4):
            case 0:
                return {key: one for key, one in value.items() if key != name}
            case 1:
                return {**value, str(random.choice(TEXTS)): random.choice(VALUES)}
            case _:
                return {**value, name: spoiled(random, value[name])}
    if isinstance(value, list) and value and random.random() < 0.5:
        return [spoiled(random, value[0])] * random.choice([1, 2, 1000])
    return nested(random.choice([5, 500])) if random.random() < 0.05 else random.choice(VALUES)


def body(random: Random, example: Any) -> bytes:
    """JSON of what is spoiled, and now and then no JSON any more."""
    found = spoiled(random, example) if random.random() < 0.8 else spoiled(random, spoiled(random, example))
    raw = json.dumps(found).encode()
    return mangled(random, raw) if random.random() < 0.3 else raw


def mangled(random: Random, raw: bytes) -> bytes:
    """With bytes cut, doubled, put in, or turned."""
    if not raw:
        return random.randbytes(8)
    at = random.randrange(len(raw))
    match random.randrange(5):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + raw
        case 2:
            return raw[:at] + random.randbytes(random.randrange(1, 9)) + raw[at:]
        case 3:
            return raw[:at] + bytes([raw[at] ^ (1 << random.randrange(8))]) + raw[at + 1 :]
        case _:
            return random.randbytes(random.randrange(1, 200))
