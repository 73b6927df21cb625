"""Who this local cloud is: it changes at each start and each reset, because what it holds is then gone."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

HOST = "127.0.0.1"
"""Where everything of the local cloud listens, and nowhere else."""

# moto answers for this account whatever credentials are used; it is AWS's own example account.
ACCOUNT_ID = "123456789012"


def _new_instance_id() -> str:
    return f"lc-{secrets.token_hex(8)}"


@dataclass
class Identity:
    """The server's own facts. `started_at` is ISO 8601 in UTC; a reset renews `instance_id` alone."""

    pid: int
    port: int
    version: str
    instance_id: str = field(default_factory=_new_instance_id)
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _started: float = field(default_factory=time.monotonic, repr=False)

    def renew(self) -> None:
        self.instance_id = _new_instance_id()

    @property
    def uptime_seconds(self) -> float:
        return round(time.monotonic() - self._started, 3)
