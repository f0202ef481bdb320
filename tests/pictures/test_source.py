"""Whatever a picture is stored as, the same upright RGB pixels come out, or one clear sentence."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from digitlib.errors import DigitlibError
from digitlib.pictures.source import MOST_MEMORY, count_pages, load, suffixes


@pytest.fixture
def flag() -> np.ndarray:
    """A picture that looks different from every side: red left of blue, the upper row darker."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30, 0], pixels[:, 30:, 2] = 250, 250
    pixels[:20] //= 2
    return pixels


def encoded(pixels: np.ndarray, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "JPEG", "WEBP"])
def test_every_common_format_gives_the_same_pixels(flag, kind):
    options = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}}.get(kind, {})
    pixels = load(encoded(flag, kind, **options)).pixels
    assert (pixels.shape, pixels.dtype) == ((40, 60, 3), np.uint8)
    assert np.abs(pixels.astype(int) - flag)[[5, 35]][:, [5, 55]].max() <= 6


def test_path_bytes_image_and_array_are_one(flag, tmp_path):
    path = tmp_path / "flag.png"
    path.write_bytes(encoded(flag, "PNG"))
    for source in (path, str(path), path.read_bytes(), Image.fromarray(flag), flag):
        np.testing.assert_array_equal(load(source).pixels, flag)


UNIT = np.eye(60)


@pytest.mark.parametrize(
    "array",
    [
        UNIT.astype(bool),
        UNIT.astype(np.uint8) * 255,
        UNIT.astype(np.uint16) * 65535,
        (UNIT * 65535).astype(">u2"),
        UNIT.astype(np.uint16) * 255,
        UNIT.astype(np.int64) * 4095,
        UNIT,
        UNIT.astype(">f4"),
        UNIT * 255,
        UNIT.astype(np.float32)[..., None],
        np.dstack([UNIT] * 3),
    ],
    ids=[
        "bool", "uint8", "uint16", "big-endian", "bytes in 16 bits", "12 bits in 64", "float",
        "big-endian float", "bytes as floats", "one channel", "three channels",
    ],
)  # fmt: skip
def test_arrays_of_any_depth_are_white_where_they_are_one(array):
    np.testing.assert_array_equal(load(array).pixels, np.dstack([np.eye(60, dtype=np.uint8) * 255] * 3))


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32], ids=str)
def test_a_deep_file_may_hold_bytes(dtype):
    pixels = np.arange(60 * 60, dtype=dtype).reshape(60, 60) % 256
    read = load(encoded(pixels, "TIFF")).pixels
    np.testing.assert_array_equal(read, np.dstack([pixels.astype(np.uint8)] * 3))


def test_sixteen_bit_grey_keeps_its_halftones():
    deep = np.full((10, 10), 30000, np.uint16)
    assert load(encoded(deep, "PNG")).pixels[0, 0].tolist() == [117, 117, 117]


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_comes_out_in_its_colours(flag, kind):
    stream = io.BytesIO()
    Image.fromarray(flag).convert("CMYK").save(stream, kind)
    pixels = load(stream.getvalue()).pixels
    assert pixels[30, 5].argmax() == 0 and pixels[30, 55].argmax() == 2


def test_palette_comes_out_in_its_colours(flag):
    stream = io.BytesIO()
    Image.fromarray(flag).quantize(8).save(stream, "PNG")
    assert load(stream.getvalue()).pixels[30, 5].tolist() == [250, 0, 0]


@pytest.mark.parametrize(
    ("orientation", "turns", "mirrored"),
    [(1, 0, 0), (2, 0, 1), (3, 2, 0), (4, 2, 1), (5, -1, 1), (6, -1, 0), (7, 1, 1), (8, 1, 0)],
)
def test_exif_orientation_is_undone(flag, orientation, turns, mirrored):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = load(encoded(flag, "PNG", exif=exif)).pixels
    expected = np.rot90(flag, turns)
    np.testing.assert_array_equal(pixels, expected[:, ::-1] if mirrored else expected)


def test_a_jpeg_whose_exif_is_broken_is_read_without_turning(flag):
    exif = (  # orientation 6, and a tag of text where a number belongs
        b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x17\0\x02\0\0\0\x04abc\0"
        b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    )
    whole = encoded(flag, "JPEG")
    broken = whole[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif + whole[2:]
    assert load(broken).pixels.shape == (40, 60, 3)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (40, 255)], ids=["black", "white", "dark"])
def test_ink_on_transparent_is_visible_whatever_its_colour(ink, paper):
    pixels = np.zeros((60, 60, 4), np.uint8)  # transparent black, as drawing programs save it
    pixels[5:55, 8:12] = [ink, ink, ink, 255]
    loaded = load(pixels).pixels
    assert loaded[0, 0].tolist() == [paper] * 3 and loaded[10, 10].tolist() == [ink] * 3


@pytest.mark.parametrize(("ink", "paper"), [(20, 240), (240, 20)], ids=["white page", "black page"])
def test_a_page_on_a_transparent_canvas_goes_on(ink, paper):
    pixels = np.zeros((90, 90, 4), np.uint8)
    pixels[10:80, 20:70] = [paper, paper, paper, 255]
    pixels[30:60, 40:44, :3] = ink
    loaded = load(pixels).pixels
    assert loaded[0, 0].tolist() == [paper] * 3 and loaded[45, 42].tolist() == [ink] * 3


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_grey_and_palette_may_be_transparent_too(mode):
    image = Image.new("LA", (60, 60), (0, 0))
    image.paste((30, 255), (20, 10, 26, 50))
    stream = io.BytesIO()
    if mode == "P":
        image = Image.fromarray(np.asarray(image)[..., 1] // 255).convert("P")
        image.putpalette([0, 0, 0, 30, 30, 30])
        image.save(stream, "PNG", transparency=0)
    else:
        image.convert(mode).save(stream, "PNG")
    pixels = load(stream.getvalue()).pixels
    assert pixels[0, 0].tolist() == [255] * 3 and pixels[20, 23].tolist() == [30] * 3


def test_heic_is_read(flag):
    pixels = load(encoded(flag, "HEIF", quality=95)).pixels
    assert pixels.shape == (40, 60, 3) and np.abs(pixels.astype(int) - flag)[[5, 35]][:, [5, 55]].max() <= 12


def test_a_tiny_picture_stays_as_it_is():
    picture = load(np.zeros((28, 13), np.uint8))
    assert picture.pixels.shape[:2] == (28, 13) and picture.scale == 1


def test_the_first_frame_of_an_animation_is_read(flag):
    stream = io.BytesIO()
    Image.fromarray(flag).save(stream, "GIF", save_all=True, append_images=[Image.new("RGB", (60, 40))])
    assert load(stream.getvalue()).pixels[30, 5, 0] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_photo_is_reduced_and_says_by_how_much(kind):
    picture = load(encoded(np.full((3000, 4000), 200, np.uint8), kind))
    assert picture.pixels.shape == (1500, 2000, 3)
    assert picture.scale == pytest.approx(2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "I;16", "I", "F"])
def test_a_large_picture_of_any_mode_shows_the_same(mode):
    grey = np.full((4100, 3000), 240, np.uint8)
    grey[:1000, 2000:] = 0
    if mode in ("I;16", "I", "F"):
        unit, kind = {"I;16": (257, np.uint16), "I": (257, np.int32), "F": (1 / 255, np.float32)}[mode]
        image = Image.fromarray((grey * kind(unit)).astype(kind))
    else:
        image = Image.fromarray(grey).convert("RGBA" if mode == "RGBA" else mode)
    stream = io.BytesIO()
    image.save(stream, "TIFF" if mode in ("I", "F") else "PNG")
    picture = load(stream.getvalue())
    assert picture.pixels.shape == (2000, 1463, 3) and picture.scale == pytest.approx(2.05)
    assert picture.pixels[100, 1300].max() < 10 and picture.pixels[[100, 1900], [300, 1300]].min() > 225


def test_a_large_picture_is_turned_upright_and_its_paper_is_put_behind_it():
    image = Image.new("RGBA", (4400, 2200), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 400, 400))  # ink on transparent, top left
    exif = image.getexif()
    exif[0x0112] = 6  # its right side is its bottom
    stream = io.BytesIO()
    image.save(stream, "PNG", exif=exif)
    pixels = load(stream.getvalue()).pixels
    assert pixels.shape == (2000, 1000, 3)
    assert pixels[50, 950].max() == 0 and pixels[50, 50].min() == pixels[1950, 950].min() == 255


PEAK = """
import sys
from digitlib.pictures.source import load

def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

load(sys.argv[1])
before = peak()
load(sys.argv[2])
print((peak() - before) * 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("name", "mode", "side"),
    [("a.png", "RGBA", 9500), ("a.webp", "RGB", 5500), ("a.jp2", "RGB", 4400)],
)
def test_no_picture_takes_more_memory_than_promised(tmp_path, name, mode, side):
    image = Image.new(mode, (side, side))
    fast = {"compress_level": 1} if name.endswith("png") else {"method": 0} if name.endswith("webp") else {}
    image.save(tmp_path / name, **fast)
    image.resize((50, 50)).save(tmp_path / f"small-{name}")
    command = [sys.executable, "-c", PEAK, tmp_path / f"small-{name}", tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0.4 * MOST_MEMORY < int(done.stdout) < 1.1 * MOST_MEMORY


@pytest.mark.parametrize("kind", ["WEBP", "JPEG2000"])
def test_formats_that_unpack_with_copies_may_be_less_large(kind):
    with pytest.raises(DigitlibError, match=f"5700 x 5700 pixels, and a {kind} may have"):
        load(encoded(np.zeros((5700, 5700), np.uint8), kind))


def test_formats_that_start_other_programs_are_not_opened(tmp_path):
    path = tmp_path / "drawing.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 60\n%%EndComments\nshowpage\n")
    with pytest.raises(DigitlibError, match="not an image"):
        load(path)
    assert ".eps" not in suffixes()


def test_a_small_picture_is_not_enlarged(flag):
    assert load(flag).scale == 1.0


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a huge picture."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    checked = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    whole = encoded(np.zeros((5, 5), np.uint8), "PNG")
    return whole[:8] + checked + whole[33:]


NOISE = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"3, 4, 5\n", "not an image"),
        (encoded(NOISE, "PNG")[:5000], "damaged or cut off"),
        (encoded(NOISE, "JPEG")[:1500], "damaged or cut off"),
        (encoded(NOISE, "GIF")[:900], "damaged or cut off|not an image"),
        (encoded(NOISE, "WEBP")[:900], "damaged or cut off|not an image"),
        (encoded(NOISE, "BMP")[:5000], "damaged or cut off"),
        (encoded(NOISE, "TIFF")[:5000], "damaged or cut off|not an image"),
        (png_claiming(12_000, 9_000), "12000 x 9000 pixels, and a PNG may have 90,909,090"),
        (png_claiming(100_000, 100_000), "too large"),
        (encoded(np.zeros((1, 1), np.uint8), "PNG"), "1 x 1"),
        (encoded(np.zeros((1, 60_000), np.uint8), "PNG"), "60000 x 1"),
    ],
    ids=[
        "empty",
        "text",
        "cut png",
        "cut jpeg",
        "cut gif",
        "cut webp",
        "cut bmp",
        "cut tiff",
        "bomb",
        "huge bomb",
        "one pixel",
        "a line",
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(tmp_path, content, message):
    path = tmp_path / "mine.png"
    path.write_bytes(content)
    with pytest.raises(DigitlibError, match=message) as caught:
        load(path)
    assert "mine.png" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "cut off"])
def test_an_image_that_cannot_be_had_is_refused_in_one_sentence(closed):
    image = Image.open(io.BytesIO(encoded(NOISE, "PNG")[:5000]))
    if closed:
        image.close()
    with pytest.raises(DigitlibError, match="damaged or cut off"):
        load(image)


def test_a_picture_that_holds_more_than_it_says_is_refused():
    whole = encoded(np.full((48, 48), 200, np.uint8), "HEIF")
    assert load(whole).pixels.shape == (48, 48, 3)
    offset = whole.index(b"clap") + 21  # of the part that is shown, from the middle of 64 x 64 coded pixels
    damaged = whole[:offset] + bytes(1) + whole[offset + 1 :]
    with pytest.raises(DigitlibError, match=r"is damaged: it holds \(64, 48\), but says \(48, 48\)"):
        load(damaged)


def test_a_message_has_one_line_whatever_it_names():
    with pytest.raises(DigitlibError) as caught:
        load("two\nlines\r\n.png")
    assert str(caught.value) == "no such file: two lines .png"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DigitlibError, match=r"no such file: .*nothing\.png"):
        load(tmp_path / "nothing.png")


def test_a_folder_is_named(tmp_path):
    with pytest.raises(DigitlibError, match="is a folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.full((9, 9), np.nan), r"float64 values that are no brightness; give .* without NaN"),
        (np.full((9, 9), 1.5), "float64 values that are no brightness"),
        (np.full((9, 9), -0.1), "float64 values that are no brightness"),
        (np.full((9, 9), -1), "int64 values that are no brightness"),
        (np.zeros((9, 9), complex), "complex128 values that are no brightness"),
        (np.zeros((9, 9, 2), np.uint8), r"\(9, 9, 2\)"),
        (np.zeros(9, np.uint8), r"\(9,\)"),
        (np.zeros((0, 9), np.uint8), r"\(0, 9\)"),
        (np.zeros((3, 3), np.uint8), "3 x 3"),
        (7, "int"),
    ],
    ids=[
        "nan",
        "above one",
        "negative",
        "below zero",
        "complex",
        "two channels",
        "flat",
        "no rows",
        "tiny",
        "number",
    ],
)
def test_unusable_values_are_refused_by_name(source, message):
    with pytest.raises(DigitlibError, match=message):
        load(source)


def test_a_transparent_picture_is_turned_upright(tmp_path):
    image = Image.new("RGBA", (60, 30), (0, 0, 0, 255))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    assert load(tmp_path / "a.png").pixels.shape[:2] == (60, 30)


def test_a_name_that_is_too_long_is_one_sentence():
    with pytest.raises(DigitlibError, match="cannot be opened"):
        load("x" * 300 + ".png")


def test_each_page_of_a_scan_can_be_loaded(tmp_path):
    pages = [Image.new("L", (60, 40), shade) for shade in (10, 200)]
    pages[0].save(tmp_path / "scan.tiff", save_all=True, append_images=pages[1:])
    assert count_pages(tmp_path / "scan.tiff") == 2
    loaded = [load(tmp_path / "scan.tiff", page=page) for page in (0, 1)]
    assert [int(one.pixels[0, 0, 0]) for one in loaded] == [10, 200]
    assert loaded[0].pages == 2
    with pytest.raises(DigitlibError, match="has no page 3: it has 2"):
        load(tmp_path / "scan.tiff", page=2)


def test_the_previews_of_a_phones_jpeg_are_no_pages(tmp_path):
    pages = [Image.new("RGB", (60, 40), (shade, 0, 0)) for shade in (10, 200)]
    pages[0].save(tmp_path / "phone.jpg", format="MPO", save_all=True, append_images=pages[1:])
    assert count_pages(tmp_path / "phone.jpg") == load(tmp_path / "phone.jpg").pages == 1
    assert count_pages(tmp_path / "gone.jpg") == 1


def test_an_opened_file_is_read(tmp_path):
    Image.new("L", (60, 40), 90).save(tmp_path / "grey.png")
    with (tmp_path / "grey.png").open("rb") as file:
        assert load(file).pixels[0, 0].tolist() == [90, 90, 90]
    with (tmp_path / "grey.png").open() as text, pytest.raises(DigitlibError, match="open it with 'rb'"):
        load(text)


def test_grey_that_is_multiplied_by_its_opacity_is_read():
    assert load(Image.new("LA", (50, 50), (90, 255)).convert("La")).pixels[0, 0].tolist() == [90, 90, 90]


def test_suffixes_name_what_people_have():
    assert {".png", ".jpg", ".jpeg", ".tif", ".webp", ".gif"} <= suffixes()
    assert not {".txt", ".csv", ".h5"} & suffixes()


def test_a_lack_of_memory_and_a_bug_of_ours_are_not_called_damage(tmp_path, monkeypatch):
    Image.new("L", (60, 40), 90).save(tmp_path / "grey.png")

    def raises(error):
        def broken(*_):
            raise error

        return broken

    monkeypatch.setattr("digitlib.pictures.source._pages", raises(MemoryError()))
    with pytest.raises(DigitlibError, match=r"grey\.png needs more memory than there is"):
        load(tmp_path / "grey.png")
    monkeypatch.setattr("digitlib.pictures.source._pages", lambda _: 1)
    monkeypatch.setattr("digitlib.pictures.source._to_rgb", raises(KeyError("a bug")))
    with pytest.raises(KeyError):
        load(tmp_path / "grey.png")
