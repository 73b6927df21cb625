"""A fence in a state that is in PostgreSQL: the engine of a worker that was taken over from writes nothing any more.

The engine's driver hands parameters of the URL that it does not know to the session as settings. A trigger on the
engine's table compares them with the highest fence that anybody has begun with; it locks that row, so that whoever
takes over waits for a write that is under way, and none comes after. The engine writes before each call to the cloud,
so it makes no further one either.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cygni.errors import LeaseLost, StateError, UsageError
from cygni.state_place import StateKind, StatePlace
from stacks.postgres_connection import CONNECT_SECONDS, libpq_url

FENCE_VARIABLE = "CYGNI_FENCE"
"""Of the environment: the number of the lease under which a worker runs a deploy."""
ENGINE_TABLE = "pulumi_state"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cygni_fences (environment text PRIMARY KEY, fence bigint NOT NULL);
CREATE OR REPLACE FUNCTION cygni_hold_fence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own bigint := NULLIF(current_setting('cygni.fence', true), '');
    highest bigint;
BEGIN
    IF own IS NOT NULL THEN
        SELECT fence INTO highest FROM cygni_fences
            WHERE environment = current_setting('cygni.environment', true) FOR SHARE;
        IF highest > own THEN
            RAISE EXCEPTION 'fence % is below %: another worker has taken over', own, highest;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""
_TRIGGER = """
DO $$ BEGIN
    IF to_regclass({name}) IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgname = 'cygni_fence' AND tgrelid = to_regclass({name})
    ) THEN
        CREATE TRIGGER cygni_fence BEFORE INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION cygni_hold_fence();
    END IF;
END $$;
"""
_RAISE = """
INSERT INTO cygni_fences AS known (environment, fence) VALUES (%s, %s)
    ON CONFLICT (environment) DO UPDATE SET fence = greatest(known.fence, excluded.fence) RETURNING fence
"""


def fence_in(environ: Mapping[str, str]) -> int | None:
    """None for what no worker runs. Raises UsageError."""
    written = environ.get(FENCE_VARIABLE)
    if not written:
        return None
    if not (written.isascii() and written.isdigit()):
        raise UsageError(f"{FENCE_VARIABLE} is {written!r}, which is no number")
    return int(written)


def fenced_url(place: StatePlace, environment: str, fence: int | None) -> str:
    """The URL of the state with which the engine writes as long as no higher fence is known of the environment, which
    from now on is this one or a higher. Of a place that is no PostgreSQL, and for None, its own URL. The engine makes
    its table when it first uses a database: until then there is nothing to guard.

    Raises LeaseLost where a higher one is known, StateError where the database does not answer.
    """
    if place.kind is not StateKind.POSTGRES or fence is None:
        return place.url
    parts = urlsplit(place.url)
    given = parse_qsl(parts.query)
    if _raised(place, dict(given).get("table") or ENGINE_TABLE, environment, fence) > fence:
        raise LeaseLost(f"another worker has taken over {environment}")
    settings = [("cygni.environment", environment), ("cygni.fence", str(fence))]
    return urlunsplit(parts._replace(query=urlencode([*given, *settings])))


def _raised(place: StatePlace, table: str, environment: str, fence: int) -> int:
    """The highest fence of the environment."""
    import psycopg
    from psycopg import sql

    identifier = sql.Identifier(*table.split("."))
    try:
        with psycopg.connect(libpq_url(place.url), connect_timeout=CONNECT_SECONDS) as connection:
            name = sql.Literal(identifier.as_string(connection))
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('cygni_fences', 0))")
            connection.execute(_SCHEMA)
            connection.execute(sql.SQL(_TRIGGER).format(name=name, table=identifier))
            found = connection.execute(_RAISE, (environment, fence)).fetchone()
    except psycopg.Error as error:
        raise StateError(
            f"cannot guard the state in {place.shown}: {type(error).__name__}",
            hint="Its role has to make a table, a function and a trigger there, once.",
        ) from None
    assert found is not None  # RETURNING
    return int(found[0])
