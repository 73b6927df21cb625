"""The hashes that join audit entries: an entry that is changed, added or left out breaks what follows (pure)."""

from __future__ import annotations

import hashlib
import json

from platform_api.audit.models import AuditEntry

BEGINNING = bytes(32)
"""The hash before the first entry."""


def hash_of(entry: AuditEntry) -> bytes:
    """SHA-256 over the hash before it and all it says, as JSON with sorted keys."""
    said = {
        "organization": str(entry.organization_id),
        "number": entry.number,
        "at": entry.at.timestamp(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "request_id": entry.request_id,
        "before": entry.before,
        "after": entry.after,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(entry.previous_hash + text.encode()).digest()


class Chain:
    """Follows the entries of an organisation, from the first on. `broken_at` is the number where it does not hold."""

    def __init__(self) -> None:
        self.count = 0
        self.last = BEGINNING
        self.broken_at: int | None = None

    def holds(self, entry: AuditEntry) -> bool:
        expected = self.count + 1
        if entry.number != expected or entry.previous_hash != self.last or entry.hash != hash_of(entry):
            self.broken_at = expected
            return False
        self.count, self.last = expected, entry.hash
        return True
