"""Access tokens that somebody made up, or made of one that is good: each is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from platform_api.access.access_tokens import AccessTokens
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY

Json = Mapping[str, Any]
SIGNING = KEY.signing_key()
PUBLIC = SIGNING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLIC_PEM = SIGNING.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
SOMEBODY = "01957a3c-5b10-7c7e-9f4e-2d1c6a7b8e90"


def packed(part: Json | bytes) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(one + "==")) for one in (header, claims)]
    return decoded[0], decoded[1], signature


def signed(header: Json, claims: Json, key: Ed25519PrivateKey = SIGNING) -> str:
    body = f"{packed(header)}.{packed(claims)}"
    return f"{body}.{packed(key.sign(body.encode()))}"


def by_hash(header: Json, claims: Json, key: bytes) -> str:
    body = f"{packed({**header, 'alg': 'HS256'})}.{packed(claims)}"
    return f"{body}.{packed(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


def with_claims(**changed: Any) -> Callable[[str], str]:
    """Signed with the server's own key, so that nothing but the claim is wrong. None takes a claim away."""

    def forge(token: str) -> str:
        header, claims, _ = parts_of(token)
        return signed(
            header, {name: value for name, value in {**claims, **changed}.items() if value is not None}
        )

    return forge


def with_header(*, key: Ed25519PrivateKey = SIGNING, **changed: Any) -> Callable[[str], str]:
    def forge(token: str) -> str:
        header, claims, _ = parts_of(token)
        return signed(
            {name: value for name, value in {**header, **changed}.items() if value is not None}, claims, key
        )

    return forge


def none(algorithm: str) -> Callable[[str], str]:
    def forge(token: str) -> str:
        header, claims, _ = parts_of(token)
        return f"{packed({**header, 'alg': algorithm})}.{packed(claims)}."

    return forge


def elliptic(token: str) -> str:
    header, claims, _ = parts_of(token)
    key = ec.derive_private_key(12345, ec.SECP256R1())
    return jwt.encode(claims, key, algorithm="ES256", headers={"typ": header["typ"]})


def with_public_key_as_secret(key: bytes) -> Callable[[str], str]:
    def forge(token: str) -> str:
        header, claims, _ = parts_of(token)
        return by_hash(header, claims, key)

    return forge


def swapped_claims(token: str) -> str:
    header, claims, signature = parts_of(token)
    return f"{packed(header)}.{packed({**claims, 'sub': SOMEBODY})}.{signature}"


def flipped_bit(token: str) -> str:
    body, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[3] ^= 1
    return f"{body}.{packed(bytes(raw))}"


START = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
JWK = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": packed(STRANGER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)),
}

FORGED: dict[str, Callable[[str], str]] = {
    "alg none": none("none"),
    "alg None": none("None"),
    "alg nOnE": none("nOnE"),
    "alg empty": none(""),
    "alg missing": with_header(alg=None),
    "another key": with_header(key=STRANGER),
    "another key that kid names as a file": with_header(key=STRANGER, kid="../../dev/null"),
    "another key that jwk brings along": with_header(key=STRANGER, jwk=JWK),
    "another key that jku points at": with_header(key=STRANGER, jku="https://evil.example/keys"),
    "another key that x5u points at": with_header(key=STRANGER, x5u="https://evil.example/chain"),
    "HS256 with the public key": with_public_key_as_secret(PUBLIC),
    "HS256 with the public key as PEM": with_public_key_as_secret(PUBLIC_PEM),
    "HS256 with an empty key": with_public_key_as_secret(b""),
    "ES256": elliptic,
    "of another type": with_header(typ="JWT"),
    "of no type": with_header(typ=None),
    "with an extension that has to be understood": with_header(crit=["exp"]),
    "payload not encoded": with_header(b64=False, crit=["b64"]),
    "over": with_claims(iat=START - 631, exp=START - 31),
    "not yet valid": with_claims(iat=START + 31, exp=START + 600),
    "valid not before later": with_claims(nbf=START + 10**9),
    "for ever": with_claims(exp=None),
    "for another audience": with_claims(aud="cygni-worker"),
    "for no audience": with_claims(aud=None),
    "by another issuer": with_claims(iss="https://evil.example"),
    "by no issuer": with_claims(iss=None),
    "of no person": with_claims(sub=None),
    "of another person with this session": with_claims(sub=SOMEBODY),
    "of no session": with_claims(sid=None),
    "of another session": with_claims(sid=SOMEBODY),
    "of a session that is no id": with_claims(sid="' OR 1=1 --"),
    "with a time that is text": with_claims(exp="tomorrow"),
    "with a time beyond numbers": with_claims(exp=float("inf")),
    "another payload under the signature": swapped_claims,
    "a bit of the signature flipped": flipped_bit,
    "signature cut": lambda token: token[:-10],
    "signature left out": lambda token: token.rpartition(".")[0],
    "signature empty": lambda token: token.rpartition(".")[0] + ".",
    "a part too many": lambda token: token + ".x",
    "signature doubled": lambda token: token + token.rpartition(".")[2],
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=list(FORGED))
def test_a_forged_token_is_refused(team: Team, forge: Callable[[str], str]) -> None:
    token = forge(team.owner.access_token)
    assert Person(team.client, bearer=token).get("/v1/user").status_code == 401
    assert team.owner.get("/v1/user").status_code == 200, "the one that it was made of is good"


def test_a_token_of_another_use_of_the_same_key_is_refused(control_plane: ControlPlane) -> None:
    tokens = AccessTokens(SIGNING, MovingClock())
    claims = {
        "iss": "cygni",
        "aud": "cygni-api",
        "sub": SOMEBODY,
        "sid": SOMEBODY,
        "iat": START,
        "exp": START + 600,
    }
    assert tokens.read(signed({"alg": "EdDSA", "typ": "at+jwt"}, claims)) is not None
    assert tokens.read(signed({"alg": "EdDSA", "typ": "logout+jwt"}, claims)) is None


@pytest.mark.parametrize(("early", "accepted"), [(30, True), (31, False)])
def test_clocks_may_be_half_a_minute_apart(*, early: int, accepted: bool) -> None:
    clock = MovingClock()
    claims = {
        "iss": "cygni",
        "aud": "cygni-api",
        "sub": SOMEBODY,
        "sid": SOMEBODY,
        "iat": START,
        "exp": START + 600,
    }
    clock.move(timedelta(seconds=-early))
    found = AccessTokens(SIGNING, clock).read(signed({"alg": "EdDSA", "typ": "at+jwt"}, claims))
    assert (found is not None) is accepted
