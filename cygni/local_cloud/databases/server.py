"""The process of one database: `python -m cygni.local_cloud.databases.server --folder DIR --programs DIR --port N`.

Makes the data folder where there is none, runs PostgreSQL, and lets clients in on the port until SIGTERM or until
PostgreSQL ends. What it and PostgreSQL have to say goes to stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cygni.errors import CygniError
from cygni.local_cloud.databases.entry import Entry
from cygni.local_cloud.databases.layout import SOCKET, Layout, User, user
from cygni.local_cloud.databases.opened_copy import reachable
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.load_balancer.certificates import make_certificate

SERVER_MODULE = "cygni.local_cloud.databases.server"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="cygni-database", description="A database of the local cloud.")
    parser.add_argument("--folder", type=Path, required=True, help="the database's folder")
    parser.add_argument("--programs", type=Path, required=True, help="the folder of PostgreSQL's programs")
    parser.add_argument("--port", type=int, required=True, help="the port to let clients in on")
    options = parser.parse_args(arguments)
    try:
        layout = Layout(options.folder, reachable(options.programs))
        sys.exit(asyncio.run(_serve(layout, user(), options.port)))
    except (CygniError, OSError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(error.cmd[-1]).name} ended with {error.returncode}")


def make(layout: Layout, who: User) -> None:
    """Make the data folder whole, unless it is. Raises OSError, CalledProcessError."""
    for folder in (layout.sockets, layout.data):
        if folder == layout.data and not layout.made.exists():
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True, mode=0o700)
        if who.owner is not None:
            os.chown(folder, *who.owner)
        elif folder.stat().st_uid != os.geteuid():
            raise PermissionError(f"{folder} is somebody else's")
    if layout.made.exists():
        subprocess.run([*who.prefix, *layout.stop()], capture_output=True, check=False)
        return
    with open(os.open(layout.password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
        file.write(secrets.token_urlsafe(32))
    subprocess.run([*who.prefix, *layout.initdb()], stdout=subprocess.DEVNULL, check=True)
    layout.made.touch()


async def _serve(layout: Layout, who: User, port: int) -> int:
    make(layout, who)
    make_certificate(layout.certificate, layout.key, [])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(layout.certificate, layout.key)
    postgres = await asyncio.create_subprocess_exec(*who.prefix, *layout.postgres(), cwd=layout.data)
    loop = asyncio.get_running_loop()
    for asked in (signal.SIGTERM, signal.SIGINT):
        # At once: whoever ends a database does not want its data any more.
        loop.add_signal_handler(asked, postgres.send_signal, signal.SIGQUIT)
    entry = await asyncio.start_server(Entry(tls, layout.sockets / SOCKET).let_in, HOST, port)
    try:
        return await postgres.wait()
    finally:
        entry.close()
        shutil.rmtree(layout.sockets, ignore_errors=True)


if __name__ == "__main__":
    main()
