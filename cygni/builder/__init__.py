"""From source to something that runs: what a folder holds, and what is built of it.

- `detect/`     which language, framework and commands a folder has, told from its files
- `scaffold/`   the files that a project begins with
- `context.py`  the files of a folder that a build sees, and their digest
- `ignoring.py` what `.dockerignore` leaves out
- `refusals.py` what no image is made from
- `dockerfile/` a Dockerfile for what was detected
- `secrets.py`  what a build is given for secrets, by reference
- `images/`     images made from a Dockerfile, by Docker, Podman or Buildah
"""
