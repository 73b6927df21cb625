"""The files that a project begins with: `cygni.yaml` and `.dockerignore` of what was detected, or a template.

- `bundle.py`    how a program is made and started on the local cloud (pure)
- `plan.py`      services of what was detected, and of what was answered (pure)
- `text.py`      `cygni.yaml` with its comments (pure)
- `dockerfiles.py` the Dockerfiles to keep, one for each service
- `ignore.py`    `.dockerignore` (pure)
- `template.py`  projects to begin with, in `templates/`
- `writing.py`   writes files that are not there
"""
