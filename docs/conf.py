"""How Sphinx makes a site of the repository's pages: `make docs`.

Sphinx reads the repository from its root, so a link works there as it works between the files.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs.navigation import toctree_of, toctrees  # noqa: E402  # from the root, which Sphinx does not know

project = "Cygni"
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "docs/**/*.md", "examples/*/README.md"]
exclude_patterns = [".*", "build", "dist", "tests"]
myst_heading_anchors = 4
highlight_language = "text"
nitpicky = True

html_theme = "furo"
html_title = project
html_baseurl = os.environ.get("CYGNI_DOCS", "")  # the same setting leads from errors to the site
html_copy_source = False
html_use_index = False

_MAP = "docs/README"
_DECISIONS = "docs/adr/README"


def setup(app: Sphinx) -> None:
    app.connect("source-read", _add_navigation)
    app.connect("build-finished", _make_front_page)


def _add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    if page == root_doc:
        map_text = (ROOT / f"{_MAP}.md").read_text(encoding="utf-8")
        source[0] += toctrees(map_text, "docs") + toctree_of(_MAP)
    elif page == _DECISIONS:
        source[0] += toctree_of("[0-9]*")


def _make_front_page(app: Sphinx, failure: Exception | None) -> None:
    """What a server shows for the folder of the site."""
    if failure is None:
        shutil.copyfile(app.outdir / f"{root_doc}.html", app.outdir / "index.html")
