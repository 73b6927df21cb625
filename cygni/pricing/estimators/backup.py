"""AWS Backup: what vaults keep."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import assumed

_SERVICE: Final = "AWSBackup"

ESTIMATORS: Final = (
    priced(
        "aws:backup/vault:Vault",
        "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault",
        parts=(
            Part(by_usage("warm storage", _SERVICE, "storage", "GB-month", "backup_gb", tier="warm")),
            Part(
                by_usage("cold storage", _SERVICE, "storage", "GB-month", "backup_cold_gb", tier="cold"),
                when=assumed("backup_cold_gb"),
            ),
            Part(
                by_usage("restored data", _SERVICE, "restore", "GB", "backup_restored_gb"),
                when=assumed("backup_restored_gb"),
            ),
        ),
        notes=("The price depends on what was backed up, which a vault does not tell.",),
    ),
)
