"""The documentation as a site: every page is in it, every link and anchor leads somewhere, and nothing is loaded
from elsewhere when it is read."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cygni.error_catalogue import EXPLANATIONS, located, reference
from docs.navigation import Section, sections, toctrees

ROOT = Path(__file__).parents[2]

LIST = """\
# Documentation

## Start

| | |
|---|---|
| [Beginning](beginning.md) | with a [link](other.md) of no page of its own |
| [Shop](../examples/shop/README.md) | an example |

## Words

No table, so no part of the navigation.
"""


class TestNavigation:
    def test_is_what_the_list_of_pages_says(self) -> None:
        pages = (("Beginning", "beginning"), ("Shop", "../examples/shop/README"))
        assert list(sections(LIST)) == [Section("Start", pages)]

    def test_names_pages_from_the_root(self) -> None:
        assert toctrees(LIST, "docs").splitlines()[1:] == [
            "```{toctree}",
            ":hidden:",
            ":caption: Start",
            "",
            "Beginning </docs/beginning>",
            "Shop </examples/shop/README>",
            "```",
        ]


class Page(HTMLParser):
    """What a page loads by itself, where it can be gone to, and where its links go."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.anchors.update(filter(None, [named.get("id")]))
        if "src" in named:
            self.loads.append(named["src"])
        if tag == "link" and named.get("rel") != "canonical":
            self.loads.append(named["href"])
        if tag == "a" and "href" in named:
            self.links.append(named["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does, in which a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    made = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-c", "docs"]
    finished = subprocess.run(
        [*made, "-d", folder / "pages", ROOT, folder / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.mark.xdist_group("site")
class TestSite:
    def test_has_every_page_of_the_documentation(self, site: Path) -> None:
        wanted = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        missing = [
            path for path in wanted if not (site / path.relative_to(ROOT)).with_suffix(".html").is_file()
        ]
        assert missing == []
        assert (site / "index.html").is_file()

    def test_loads_nothing_from_elsewhere(self, site: Path, pages: dict[Path, Page]) -> None:
        assert [one for page in pages.values() for one in page.loads if re.match(r"[a-z]+:|//", one)] == []
        styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)]*", styles) == []

    def test_leads_nowhere_in_vain(self, site: Path, pages: dict[Path, Page]) -> None:
        assert list(_broken(pages)) == []

    @pytest.mark.parametrize("code", EXPLANATIONS)
    def test_has_the_places_that_errors_lead_to(self, code: str, site: Path, pages: dict[Path, Page]) -> None:
        for place in (reference(code, str(site)), located(f"docs/{EXPLANATIONS[code].page}", str(site))):
            path, _, anchor = place.partition("#")
            assert not anchor or anchor in pages[Path(path)].anchors

    def test_finds_words_without_a_server(self, site: Path) -> None:
        index = (site / "searchindex.js").read_text(encoding="utf-8")
        assert index.startswith("Search.setIndex(")
        assert "lock_held" in index


def _broken(pages: dict[Path, Page]) -> Iterator[str]:
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists() or (anchor and target in pages and anchor not in pages[target].anchors):
                yield f"{path.name}: {link}"
