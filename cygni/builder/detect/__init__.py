"""What a folder holds: language, framework, commands, members, each with its reason. Nothing of it is executed.

- `answer.py`      the answer, and the draft that a language makes of it
- `tree.py`        a folder read within limits: no file above 1 MiB, no link that leads out of it
- `parsing.py`     text to data: JSON, TOML, YAML, XML, Python's syntax tree (pure)
- `source.py`      program text without its comments (pure)
- `rules.py`       what tells a framework by its packages (pure)
- `listening.py`   health paths and ports that a program names (pure)
- `versions.py`    versions of languages as their many files write them
- `files.py`       Procfile, Dockerfile and Aptfile
- `members.py`     the parts of a monorepo
- `languages/`     one module or folder per language: `look(tree)` answers a draft or None
- `workspace.py`   the workspace that a folder is a member of
- `detection.py`   asks all of them and decides

"Don't know" is an answer: whatever no file tells is None.
"""

from cygni.builder.detect.answer import Detection, Kind, Member, Reason
from cygni.builder.detect.detection import detect

__all__ = ["Detection", "Kind", "Member", "Reason", "detect"]
