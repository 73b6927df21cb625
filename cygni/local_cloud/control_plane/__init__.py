"""The server's side of the data plane: what it is told, what it reports, and its process.

- `feed.py` numbers the states of what exists and lets the data plane wait for the next.
- `sections.py` names, for each service, who reads its section of the snapshot and who takes its reports.
- `endpoints.py` is the HTTP below /_cygni/ that this is served at.
- `supervisor.py` starts the process, watches it and ends it.
"""
