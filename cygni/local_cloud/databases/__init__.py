"""The databases of the local cloud: a PostgreSQL server for each RDS instance, behind TLS as RDS has it.

- `installation.py` finds PostgreSQL on this machine; `layout.py` says how a server is made and started (pure).
- `server.py` is the process of one database: it looks after PostgreSQL, and lets its clients in (`entry.py`).
- `accounts.py` gives a database its user, its password and its name.
- `part.py` is the part of the data plane that keeps them as RDS has them.
"""
