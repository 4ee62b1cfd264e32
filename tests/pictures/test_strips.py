"""A TIFF decoded in bands, and files that are let go of meanwhile, are as they are whole."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures import cost, fleeting, strips
from glance_agent.pictures.decode import decode
from glance_agent.pictures.fleeting import FleetingBytes, PictureFile
from glance_agent.pictures.strips import Strips
from tools.campaigns.pictures.sample import painting

SIZE = (91, 71)
IN_BANDS = ("L", "RGB", "RGBA", "CMYK")


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of some hundred pixels are shrunk, in bands of some rows."""
    monkeypatch.setattr(cost, "ORDINARY_PIXELS", 1_000)
    monkeypatch.setattr(strips, "TOGETHER_ROWS", 8)
    monkeypatch.setattr(fleeting, "LET_GO_BYTES", 1)


def tiff(mode: str = "RGB", compression: str | None = "tiff_lzw", **fields: int) -> bytes:
    """A picture in strips of three rows; fields by their numbers (`t274=6`)."""
    out = BytesIO()
    told = {278: 3, **{int(name[1:]): value for name, value in fields.items()}}
    painting(SIZE).convert(mode).save(out, "TIFF", compression=compression, tiffinfo=told)
    return out.getvalue()


def lent(data: bytes) -> FleetingBytes:
    found = FleetingBytes.of_length(len(data))
    found[:] = data
    return found


def as_it_is_whole(data: bytes, monkeypatch: pytest.MonkeyPatch) -> Image.Image:
    with monkeypatch.context() as patch:
        patch.setattr(Strips, "rows", lambda *_: None)
        return decode(data, wanted_px=8)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", [*IN_BANDS, "P", "LAB", "I;16"])
def test_bands_are_as_the_whole(
    mode: str, compression: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bands: list[int] = []
    decoded = Strips._band

    def counting(self: Strips, data: PictureFile, some: slice, rows: int) -> Image.Image:
        bands.append(rows)
        return decoded(self, data, some, rows)

    monkeypatch.setattr(Strips, "_band", counting)
    if mode in ("LAB", "I;16"):
        out, shape = BytesIO(), (71, 91, 3) if mode == "LAB" else (71, 91)
        grey = np.arange(np.prod(shape)).reshape(shape)
        told = np.uint8 if mode == "LAB" else np.uint16
        image = Image.fromarray(grey.astype(told))
        image = Image.frombytes("LAB", SIZE, image.tobytes()) if mode == "LAB" else image
        image.save(out, "TIFF", compression=compression, tiffinfo={278: 3})
        data = out.getvalue()
    else:
        data = tiff(mode, compression)
    whole = as_it_is_whole(data, monkeypatch)
    for one in (decode(data, wanted_px=8), decode(lent(data), wanted_px=8)):
        assert one.size == (46, 36)
        assert one.tobytes() == whole.tobytes()
    rows = [12] * 5 + [11]
    assert bands == (2 * rows if mode in IN_BANDS else [])


@pytest.mark.parametrize("data", [tiff(t274=6), tiff(t278=71), tiff(t266=2)])
def test_a_picture_that_is_turned_or_in_one_strip_is_decoded_whole(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Strips, "bands", None)
    decode(lent(data), wanted_px=8)


def test_bands_take_less_memory_than_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    data = tiff()
    decode(data, wanted_px=8, admit=told.append)
    with monkeypatch.context() as patch:
        patch.setattr(Strips, "rows", lambda *_: None)
        decode(data, wanted_px=8, admit=told.append)
    in_bands, whole = told
    assert whole - in_bands == 4 * 91 * (71 - 12)


def test_a_strip_that_is_broken_or_missing_is_told_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = tiff()
    middle = len(data) // 2
    broken = data[:middle] + b"\xff" * 90 + data[middle + 90 :]
    for bad in (broken, data[:-200]):
        with pytest.raises(BadPicture) as as_whole:
            as_it_is_whole(bad, monkeypatch)
        with pytest.raises(BadPicture) as in_bands:
            decode(lent(bad), wanted_px=8)
        assert in_bands.value.reason == as_whole.value.reason


def test_a_png_lets_go_of_its_file_as_it_is_read() -> None:
    out = BytesIO()
    Image.effect_noise((300, 200), 90).save(out, "PNG")
    data = lent(out.getvalue())
    assert decode(data).tobytes() == decode(out.getvalue()).tobytes()
    assert data.gone > len(data) // 2


def test_what_is_gone_is_never_read_again() -> None:
    data = lent(bytes(30_000))
    file = data.opened(letting_go=True)
    file.read()
    file.seek(0)
    with pytest.raises(OSError, match="let go of"):
        file.read(1)
