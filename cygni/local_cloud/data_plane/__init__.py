"""The local cloud's data plane: a process of its own that does what the API only records.

The server (cygni/local_cloud/server.py) holds what exists; this process makes it happen: it serves load balancers
and runs tasks. It learns of changes by a long poll and reports what became of them (client.py).

- `snapshot.py` what exists, `reports.py` what happened: the two things said between them, shared by both sides.
- `part.py`     what a part of the data plane is given, and must do. The parts are named in `__main__.py`.
- `processes.py` how parts start processes that outlive the data plane, and find them again.
"""
