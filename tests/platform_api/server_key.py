"""The key of the control planes of tests; processes of theirs that need no more start sooner without the rest."""

from __future__ import annotations

from platform_api.keys import ServerKey

KEY = ServerKey(b"k" * 32)
