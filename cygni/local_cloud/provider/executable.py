"""The folder in which the engine finds this provider as its plugin `aws`."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

_NAME = "pulumi-resource-aws"


def plugin_folder(cache_dir: Path) -> Path:
    """A folder below `cache_dir` with an executable `pulumi-resource-aws` that serves this provider.

    For the project's settings: `plugins: {providers: [{name: aws, path: FOLDER}]}`. May be called again and
    at the same time by others. Raises OSError when the folder cannot be written.
    """
    root = Path(__file__).resolve().parents[3]
    # -P: the work directory must not shadow modules; PYTHONPATH: a source tree need not be installed.
    script = (
        "#!/bin/sh\n"
        f'PYTHONPATH={shlex.quote(str(root))}"${{PYTHONPATH:+:$PYTHONPATH}}"\n'
        "export PYTHONPATH\n"
        f'exec {shlex.quote(sys.executable)} -P -m {__package__} "$@"\n'
    )
    # Installations that share a cache each have their own: rewriting one under another would start the wrong code.
    folder = cache_dir / f"plugin-aws-{hashlib.sha256(script.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _NAME
    if target.is_file() and target.read_text(encoding="utf-8") == script and os.access(target, os.X_OK):
        return folder
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{_NAME}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(script)
        Path(temporary).chmod(0o755)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return folder
