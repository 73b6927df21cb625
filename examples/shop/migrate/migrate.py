"""Brings the database's schema up to date: each file of `migrations` once, in the order of their names.

All of one run is a single transaction: what fails changes nothing. Let a migration be something that the release before
can live with, as it answers until the new one is ready, and again after a rollback.
"""

from pathlib import Path

import psycopg

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    with psycopg.connect() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")  # one at a time
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        done = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        for file in sorted(MIGRATIONS.glob("*.sql")):
            if file.name not in done:
                print(f"migrating: {file.name}", flush=True)
                connection.execute(file.read_text(encoding="utf-8"))
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", [file.name])


if __name__ == "__main__":
    main()
