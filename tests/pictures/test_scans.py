"""Each page of a PDF is a picture; what is none is one sentence."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from digitlib.errors import DigitlibError
from digitlib.pictures import scans
from digitlib.pictures.source import count_pages, load, suffixes


@pytest.fixture
def pdf(tmp_path):
    """Two pages: one white and wide, one grey and tall."""
    pages = [Image.new("L", (800, 600), 255), Image.new("L", (400, 700), 90)]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.pdf"


def test_each_page_is_drawn_large(pdf):
    for source in (pdf, pdf.read_bytes(), io.BytesIO(pdf.read_bytes())):
        wide, tall = load(source), load(pdf, page=1)
        assert wide.pixels.shape == (1500, 2000, 3) and wide.pages == 2 and wide.scale == 1
        assert tall.pixels.shape[0] == 2000 and abs(int(tall.pixels[1000, 500, 0]) - 90) < 3
    assert count_pages(pdf) == count_pages(pdf.read_bytes()) == 2
    assert ".pdf" in suffixes()


def test_a_page_that_is_not_there_and_a_damaged_file_are_one_sentence(pdf):
    with pytest.raises(DigitlibError, match="has no page 3: it has 2"):
        load(pdf, page=2)
    pdf.write_bytes(pdf.read_bytes()[:300])
    with pytest.raises(DigitlibError, match=r"scan\.pdf is damaged or cut off"):
        load(pdf)
    assert count_pages(pdf) == 1


def test_without_the_package_its_name_is_said(pdf, monkeypatch):
    monkeypatch.setattr(scans, "here", lambda: False)
    with pytest.raises(DigitlibError, match=r"pip install 'digitlib\[pdf\]'"):
        load(pdf)


def test_pdfium_is_asked_by_one_thread_at_a_time(pdf, monkeypatch):
    inside, most, real = [], [], scans._document

    def watched(stream):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return real(stream)

    monkeypatch.setattr(scans, "_document", watched)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: scans.count(pdf), range(8))) == {2}
    assert max(most) == 1
