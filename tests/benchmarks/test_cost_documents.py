"""The previews that `cx cost` is measured with are what it reads of the real engine."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cost_documents import write_preview
from cygni.engine_documents.costs import priced_document
from cygni.engine_documents.reading import DocumentKind, EngineDocument, read_document
from cygni.pricing import PriceBook


def test_preview_has_what_was_asked_for_and_is_priced(tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    size = write_preview(file, 110)
    with file.open("rb") as opened:
        found = read_document(opened.read, file.name)
    assert isinstance(found, EngineDocument)
    assert size == file.stat().st_size
    assert found.kind is DocumentKind.PREVIEW
    assert len({one.urn for one in (*found.before, *found.after)}) == 110
    assert (len(found.before), len(found.after)) == (100, 100)
    diff = priced_document(found, PriceBook.load()).diff
    assert diff.after.monthly > 0
    assert not diff.after.unpriced
