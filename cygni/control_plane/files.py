"""What a control plane keeps in its folder, below `CYGNI_DATA_DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MODULE: Final = "platform_api"
WORKER: Final = "platform_api.worker"
BACKUPS: Final = "platform_api.backups"
SECRETS: Final = "platform_api.secrets"
ACCOUNTS: Final = "platform_api.accounts"
FOLDER: Final = "server"
LOG: Final = "server.log"
LOCK: Final = "start.lock"
POSTGRES: Final = "postgres"
"""The data of the embedded PostgreSQL."""
SETUP_TOKEN: Final = "setup-token"
"""For whoever started the server, until somebody has set it up; readable by its owner alone."""


def server_folder(data_dir: Path) -> Path:
    return data_dir / FOLDER
