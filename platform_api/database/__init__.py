"""PostgreSQL: the embedded one, roles, migrations, and transactions that are of one tenant."""
