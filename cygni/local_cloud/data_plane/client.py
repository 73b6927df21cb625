"""The data plane's side of the seam: asks the server for changes and sends it reports."""

from __future__ import annotations

import http.client

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane import wire
from cygni.local_cloud.data_plane.reports import Report
from cygni.local_cloud.identity import HOST

_ANSWER_SECONDS = 30.0


class ServerClient:
    """May be used by many threads. Raises LocalCloudError when the server does not answer as it should."""

    def __init__(self, port: int, instance_id: str):
        self._port = port
        self._instance_id = instance_id

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self._port}"

    def poll(self, since: int, seconds: float) -> wire.Answer:
        """What changed after revision `since`; waits up to `seconds` for it. 0 gives what there is at once."""
        content = self._ask("GET", f"{wire.PATH}?since={since}&wait={seconds:g}", None, seconds)
        try:
            return wire.answer_from_json(content)
        except ValueError as error:
            raise LocalCloudError(f"the local cloud's answer cannot be read: {error}") from error

    def report(self, reports: tuple[Report, ...]) -> None:
        self._ask("POST", wire.PATH, wire.reports_to_json(self._instance_id, reports), 0)

    def _ask(self, method: str, path: str, body: bytes | None, wait: float) -> bytes:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=wait + _ANSWER_SECONDS)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise LocalCloudError(f"no answer from the local cloud on port {self._port}: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise LocalCloudError(f"the local cloud answered {response.status} to {method} {wire.PATH}")
        return content
