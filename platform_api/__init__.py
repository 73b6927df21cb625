"""The control plane: a REST API for teams, on PostgreSQL.

A folder for each domain, with files named for what they do: router, service, repository, models, schemas.
"""
