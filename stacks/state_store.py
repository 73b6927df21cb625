"""The files of a back end that others reach: read, listed, written and removed without the engine.

The engine lays the same files out everywhere (pulumi, `pkg/backend/diy`): below the path of the URL as a prefix, in
PostgreSQL as rows of one table whose `data` holds the content in base64. An export of the engine takes half a
second and does not tell of locks. Pulumi Cloud has no files to read.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from filelock import FileLock, Timeout

from cygni.errors import CREDENTIALS_HINT, AuthError, StateError
from cygni.state_place import StateKind, StatePlace, hidden, state_place
from stacks.engine_failures import is_denied
from stacks.operations import EngineSettings
from stacks.postgres_connection import KeptConnection
from stacks.records import write_whole

_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 5, 20, 3
_SUPERSEDED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""What S3 says where a condition of a write does not hold (S3 User Guide, conditional writes)."""
_REACH_HINT = "See that it is there and that these credentials may read it; the place is set by CYGNI_STATE."


class Superseded(Exception):
    """The file is not, or no longer, of the version that was to be replaced."""


class StateStore(Protocol):
    """Files by key, such as `.pulumi/stacks/cygni/NAME.json`. Everything raises StateError if the place cannot be
    reached, AuthError where AWS credentials are missing."""

    shown: str
    """The place for people, without credentials."""

    def read(self, key: str) -> bytes | None:
        """The content, None where there is no such file."""

    def keys(self, folder: str) -> list[str]:
        """The files below `folder`, by name."""

    def write(self, key: str, content: bytes) -> None:
        """Makes a file, or replaces it as a whole."""

    def remove(self, key: str) -> None:
        """Removes a file; nothing happens if it is gone already."""

    def read_version(self, key: str) -> tuple[bytes, str] | None:
        """The content and what tells its version; None where there is no such file."""

    def write_version(self, key: str, content: bytes, version: str | None) -> str:
        """Replaces a file that still is of `version`, or makes one that is not there where that is None; its new
        version. Of several at once one succeeds; the others raise Superseded. No two contents of a file may be the
        same: where an answer is lost, having been written tells that it was."""


def state_store(settings: EngineSettings) -> StateStore | None:
    """The files of the state; None where it is in files of this machine, or where nobody shows its files."""
    return store_at(state_place(settings.backend_url), settings.environment)


def store_at(place: StatePlace, environment: Mapping[str, str]) -> StateStore | None:
    """As `state_store`; `environment` has the AWS credentials, region and endpoint that differ from the caller's."""
    if place.kind is StateKind.S3:
        return _BucketStore(place, environment)
    if place.kind is StateKind.POSTGRES:
        return _PostgresStore(place)
    return None


class FolderStore:
    """Files below a folder that this machine reaches."""

    def __init__(self, folder: Path) -> None:
        self.shown = str(folder)
        self._folder = folder

    def read(self, key: str) -> bytes | None:
        with self._reaching(key) as path:
            return path.read_bytes() if path.exists() else None

    def keys(self, folder: str) -> list[str]:
        with self._reaching(folder) as path:
            # What begins with a dot is a lock, or not written to its end.
            files = [one for one in path.rglob("[!.]*") if one.is_file()]
        return sorted(one.relative_to(self._folder).as_posix() for one in files)

    def write(self, key: str, content: bytes) -> None:
        write_whole(self._folder / key, content.decode(), private=False)

    def remove(self, key: str) -> None:
        with self._reaching(key) as path:
            path.unlink(missing_ok=True)

    def read_version(self, key: str) -> tuple[bytes, str] | None:
        content = self.read(key)
        return None if content is None else (content, _digest(content))

    def write_version(self, key: str, content: bytes, version: str | None) -> str:
        with self._reaching(key) as path:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with FileLock(path.with_name(f".{path.name}.lock"), timeout=_READ_SECONDS):
                    found = self.read_version(key)
                    if (found[1] if found else None) != version:
                        raise Superseded
                    self.write(key, content)
            except Timeout:
                raise StateError(f"somebody holds {path} for too long", hint=_REACH_HINT) from None
        return _digest(content)

    @contextmanager
    def _reaching(self, key: str) -> Iterator[Path]:
        path = self._folder / key
        try:
            yield path
        except OSError as error:
            raise StateError(
                f"cannot reach {path}: {error.strerror}", hint="Mend the permissions of its folder."
            ) from None


class _BucketStore:
    def __init__(self, place: StatePlace, environment: Mapping[str, str]) -> None:
        parts = urlsplit(place.url)
        self.shown = place.shown
        self._bucket = parts.netloc
        prefix = parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._options = (tuple(parse_qsl(parts.query)), tuple(sorted(environment.items())))

    def read(self, key: str) -> bytes | None:
        with self._asking() as s3:
            try:
                content: bytes = s3.get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"].read()
            except s3.exceptions.NoSuchKey:
                return None
            return content

    def keys(self, folder: str) -> list[str]:
        with self._asking() as s3:
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{folder}/"
            )
            found = [one["Key"] for page in pages for one in page.get("Contents") or []]
        return sorted(key.removeprefix(self._prefix) for key in found)

    def write(self, key: str, content: bytes) -> None:
        with self._asking() as s3:
            s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=content)

    def remove(self, key: str) -> None:
        with self._asking() as s3:
            s3.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def read_version(self, key: str) -> tuple[bytes, str] | None:
        with self._asking() as s3:
            try:
                found = s3.get_object(Bucket=self._bucket, Key=self._prefix + key)
            except s3.exceptions.NoSuchKey:
                return None
            return found["Body"].read(), found["ETag"]

    def write_version(self, key: str, content: bytes, version: str | None) -> str:
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        with self._asking() as s3:
            try:
                made = s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=content, **condition)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _SUPERSEDED:
                    raise
            else:
                return str(made["ETag"])
        return _written(self.read_version(key), content)

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield _s3(*self._options)
        except (BotoCoreError, ClientError) as error:
            if is_denied(str(error)):
                raise AuthError(
                    f"these AWS credentials do not open the state in {self.shown}: {error}",
                    hint=CREDENTIALS_HINT,
                ) from None
            hint = _REACH_HINT
            if "NoSuchBucket" in str(error):
                hint = f"Make it first: aws s3 mb s3://{self._bucket}   (for the environment local in the local cloud)"
            raise StateError(f"cannot reach the state in {self.shown}: {error}", hint=hint) from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _written(found: tuple[bytes, str] | None, content: bytes) -> str:
    """The version, where an earlier attempt of the same call has written the content. Raises Superseded."""
    if found is None or found[0] != content:
        raise Superseded
    return found[1]


@lru_cache(maxsize=4)
def _s3(query: tuple[tuple[str, str], ...], environment: tuple[tuple[str, str], ...]) -> Any:
    """A client as the engine's own would be: the URL's parameters (gocloud.dev, `blob/s3blob`) before variables."""
    from boto3.session import Session
    from botocore.config import Config

    given, variables = dict(query), dict(environment)
    session = Session(
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        region_name=given.get("region") or variables.get("AWS_REGION"),
        profile_name=given.get("profile"),
    )
    path_style = "true" in (given.get("use_path_style"), given.get("s3ForcePathStyle"))
    return session.client(
        "s3",
        endpoint_url=_with_scheme(given) or variables.get("AWS_ENDPOINT_URL") or None,
        config=Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": _ATTEMPTS},
            s3={"addressing_style": "path" if path_style else "auto"},
        ),
    )


def _with_scheme(given: Mapping[str, str]) -> str | None:
    endpoint = given.get("endpoint")
    if not endpoint or "://" in endpoint:
        return endpoint
    return f"{'http' if given.get('disableSSL') == 'true' else 'https'}://{endpoint}"


class _PostgresStore:
    def __init__(self, place: StatePlace) -> None:
        parts = urlsplit(place.url)
        self.shown = place.shown
        self._url = place.url
        self._connection = KeptConnection(place.url)
        self._prefix = f"{parts.path.strip('/')}/"
        self._table = dict(parse_qsl(parts.query)).get("table") or "pulumi_state"

    def read(self, key: str) -> bytes | None:
        rows = self._run("SELECT data FROM {} WHERE key = %s", key)
        return base64.b64decode(rows[0][0]["data"]) if rows else None

    def keys(self, folder: str) -> list[str]:
        # Not by LIKE, for which `_` and `%` in a name would mean more than themselves.
        rows = self._run("SELECT key FROM {} WHERE starts_with(key, %s) ORDER BY key", f"{folder}/")
        return [str(key).removeprefix(self._prefix) for (key,) in rows]

    def write(self, key: str, content: bytes) -> None:
        data = json.dumps({"data": base64.b64encode(content).decode()})
        upsert = (
            "INSERT INTO {} (key, data) VALUES (%s, %s) "
            "ON CONFLICT (key) DO UPDATE SET data = excluded.data RETURNING key"
        )
        if not self._run(upsert, key, data):
            raise StateError(f"there is no state in {self.shown} yet", hint=_REACH_HINT)

    def remove(self, key: str) -> None:
        self._run("DELETE FROM {} WHERE key = %s RETURNING key", key)

    def read_version(self, key: str) -> tuple[bytes, str] | None:
        content = self.read(key)
        return None if content is None else (content, _digest(content))

    def write_version(self, key: str, content: bytes, version: str | None) -> str:
        data = json.dumps({"data": base64.b64encode(content).decode()})
        if version is None:
            statement = "INSERT INTO {} (key, data) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING key"
            done = self._run(statement, key, data)
        else:
            statement = (
                "WITH given (key, data, version) AS (VALUES (%s, %s::json, %s)) "
                "UPDATE {} AS file SET data = given.data FROM given WHERE file.key = given.key "
                "AND encode(sha256(decode(file.data->>'data', 'base64')), 'hex') = given.version "
                "RETURNING file.key"
            )
            done = self._run(statement, key, data, version)
        if done:
            return _digest(content)
        found = self.read_version(key)
        if found is None and version is None:
            raise StateError(f"there is no state in {self.shown} yet", hint=_REACH_HINT)
        return _written(found, content)

    def _run(self, statement: str, key: str, *more: str) -> list[tuple[Any, ...]]:
        """The rows; none where the engine has not made its table yet."""
        import psycopg
        from psycopg import sql

        table = sql.Identifier(*self._table.split("."))
        try:
            return self._connection.rows(sql.SQL(statement).format(table), [self._prefix + key, *more])
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.Error as error:
            said = hidden(" ".join(str(error).split()), self._url)
            raise StateError(f"cannot reach the state in {self.shown}: {said}", hint=_REACH_HINT) from None
