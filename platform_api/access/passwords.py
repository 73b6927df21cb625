"""Passwords: what one must be (OWASP ASVS 5.0, 6.2), and how it is kept (argon2id)."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cygni.errors import UsageError

SHORTEST, LONGEST = 12, 256
"""Characters. ASVS asks for 8 at least, advises 15, and wants 64 to be possible; the end keeps hashing bounded."""
AT_ONCE: Final = 4
"""Passwords that one process hashes, each in 64 MiB; more wait for their turn."""


class Passwords:
    """Hashes with argon2id at the parameters of RFC 9106's second recommendation: beside the event loop, which serves
    others meanwhile."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """Raises UsageError for one that is too short, too long, or of one character."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(
                f"a password has {SHORTEST} to {LONGEST} characters", hint="Several words make a good one."
            )
        if len(set(password)) < 5:
            raise UsageError("this password repeats a few characters", hint="Several words make a good one.")
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Takes as long where there is no such user: nobody learns from it who has an account. Outside of transactions,
        where strangers may ask: whoever waits for a turn is not to keep a connection."""
        async with self._turn:
            return await asyncio.to_thread(self._verified, password, hashed)

    def _verified(self, password: str, hashed: str | None) -> bool:
        try:
            self._hasher.verify(hashed or self._nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")
