"""Names of what a local cloud keeps in its folder, and of the modules of its processes."""

from __future__ import annotations

SERVER_MODULE = "cygni.local_cloud.server"
LOG_NAME = "server.log"
LOCK_NAME = "start.lock"
DATA_PLANE_MODULE = "cygni.local_cloud.data_plane"
DATA_PLANE_FOLDER = "data-plane"
DATA_PLANE_LOG = "data-plane.log"
PROCESSES_FOLDER = "processes"
