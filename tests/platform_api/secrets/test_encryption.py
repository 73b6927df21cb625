"""What is sealed opens where it belongs, and nowhere else."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.errors import StateError
from platform_api.secrets.encryption import Encrypted, KeyEncryptionKey, Place, decrypt, encrypt, new_key

KEY = KeyEncryptionKey(uuid.UUID(int=1), b"k" * 32)
PLACE = Place(uuid.UUID(int=2), uuid.UUID(int=3), 1)


class TestEncryption:
    @given(st.text())
    def test_gives_back_what_it_was_given(self, value: str) -> None:
        assert decrypt(KEY, encrypt(KEY, value, PLACE), PLACE) == value

    def test_never_makes_the_same_twice(self) -> None:
        made = [encrypt(KEY, "canary", PLACE) for _ in range(50)]
        assert len({one.ciphertext for one in made}) == len({one.wrapped_key for one in made}) == 50
        assert not any(b"canary" in one.ciphertext for one in made)

    @pytest.mark.parametrize(
        "place",
        [
            replace(PLACE, organization=uuid.UUID(int=9)),
            replace(PLACE, secret=uuid.UUID(int=9)),
            replace(PLACE, version=2),
        ],
    )
    def test_does_not_open_in_another_place(self, place: Place) -> None:
        with pytest.raises(StateError, match="cannot be decrypted"):
            decrypt(KEY, encrypt(KEY, "canary", PLACE), place)

    @pytest.mark.parametrize(
        "key", [KeyEncryptionKey(KEY.id, new_key()), KeyEncryptionKey(uuid.UUID(int=9), KEY.secret)]
    )
    def test_does_not_open_with_another_key(self, key: KeyEncryptionKey) -> None:
        with pytest.raises(StateError):
            decrypt(key, encrypt(KEY, "canary", PLACE), PLACE)

    @given(st.data())
    def test_notices_every_changed_bit(self, data: st.DataObject) -> None:
        made = encrypt(KEY, "canary", PLACE)
        part = data.draw(st.sampled_from(["wrapped_key", "ciphertext"]))
        bytes_ = bytearray(getattr(made, part))
        bit = data.draw(st.integers(0, 8 * len(bytes_) - 1))
        bytes_[bit // 8] ^= 1 << bit % 8
        changed = Encrypted(
            made.key_encryption_key_id,
            bytes(bytes_) if part == "wrapped_key" else made.wrapped_key,
            bytes(bytes_) if part == "ciphertext" else made.ciphertext,
        )
        with pytest.raises(StateError):
            decrypt(KEY, changed, PLACE)

    def test_keeps_keys_out_of_what_is_shown(self) -> None:
        assert "kkkk" not in repr(KEY)
