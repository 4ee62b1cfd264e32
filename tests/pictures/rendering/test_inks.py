"""Colours -> the inks of e-paper: pure nominal colours, as light as meant, whatever dithers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.panel import Tone
from glance_agent.pictures.oklab import oklab
from glance_agent.pictures.rendering import calibration, dithering
from glance_agent.pictures.rendering.calibration import adapted, grey_curve, panel_range
from glance_agent.pictures.rendering.dithering import as_inks, dithered, ditherer, load_ditherer
from glance_agent.pictures.rendering.inks import PANELS, Inks
from tests.pictures.rendering.painted import colours_of, noise, sunset

SIZE = (96, 64)


@pytest.fixture(params=["epaper-dithering", "Pillow"])
def spread_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What dithers: the extra, or what is always there."""
    monkeypatch.setattr(dithering, "_library", None)
    _forget()
    if request.param != "Pillow":
        pytest.importorskip("epaper_dithering")
        assert load_ditherer()
    assert ditherer() == request.param
    yield request.param
    _forget()


def _forget() -> None:
    """What was learnt of one ditherer holds for no other."""
    grey_curve.cache_clear()
    calibration._table.cache_clear()


def seen(indices: Image.Image, inks: Inks) -> float:
    """How light (OKLab) a picture in inks is from afar."""
    rgb = np.asarray(as_inks(indices, inks.measured).convert("RGB"), dtype=np.float64) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4).mean(axis=(0, 1))
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return float(oklab(encoded)[0])


@pytest.mark.parametrize("panel", PANELS)
def test_only_nominal_inks_are_sent(spread_by: str, panel: str) -> None:
    inks = PANELS[panel]
    shown = dithered(adapted(noise(SIZE), inks, Tone(), "auto"), inks)
    assert shown.size == SIZE
    assert max(shown.tobytes()) < len(inks.nominal)
    assert colours_of(shown.convert("RGB")) <= set(inks.nominal)


@pytest.mark.parametrize("panel", ["mono", "grey4", "bwr", "bwry", "spectra6", "acep7", "uc8159"])
def test_greys_are_as_light_as_meant(spread_by: str, panel: str) -> None:
    inks = PANELS[panel]
    black, white = panel_range(inks)
    for grey in (30, 90, 150, 210):
        flat = Image.new("RGB", SIZE, (grey,) * 3)
        meant = black + float(oklab(np.full(3, grey / 255))[0]) * (white - black)
        found = seen(dithered(adapted(flat, inks, Tone(), "auto"), inks), inks)
        assert found == pytest.approx(meant, abs=0.035), grey


def test_middle_tones_would_come_out_too_bright_without_calibration(spread_by: str) -> None:
    inks = PANELS["spectra6"]
    black, white = panel_range(inks)
    flat = Image.new("RGB", SIZE, (90, 90, 90))
    meant = black + float(oklab(np.full(3, 90 / 255))[0]) * (white - black)
    uncalibrated = abs(seen(dithered(flat, inks), inks) - meant)
    calibrated = abs(seen(dithered(adapted(flat, inks, Tone(), "auto"), inks), inks) - meant)
    assert calibrated < uncalibrated


def test_grey_panels_show_no_colour_and_others_keep_hues() -> None:
    red = Image.new("RGB", SIZE, (200, 40, 40))
    for panel, inks in PANELS.items():
        given = np.asarray(adapted(red, inks, Tone(), "auto"))[0, 0].astype(int)
        if inks.are_grey:
            assert given.max() - given.min() <= 2, panel
        elif panel != "bwy":
            assert given[0] > given[1] + 20, panel


@pytest.mark.parametrize("panel", ["bwr", "bwry"])
def test_few_inks_do_not_speckle_a_sepia_photograph(spread_by: str, panel: str) -> None:
    inks = PANELS[panel]
    red = inks.nominal.index((255, 0, 0))
    sepia, parasol = (Image.new("RGB", SIZE, c) for c in ((120, 104, 88), (200, 40, 30)))
    shares = [
        dithered(adapted(flat, inks, Tone(), "auto"), inks).tobytes().count(red)
        for flat in (sepia, parasol)
    ]
    assert shares[0] < 0.15 * SIZE[0] * SIZE[1] < shares[1]


@pytest.mark.parametrize(("contrast", "saturation"), [(0.5, 1.0), (1.5, 1.0), (1.0, 0.0)])
def test_contrast_and_saturation(contrast: float, saturation: float) -> None:
    inks, image = PANELS["spectra6"], sunset()
    usual = np.asarray(adapted(image, inks, Tone(saturation=1.0), "auto"), dtype=float)
    tone = Tone(contrast=contrast, saturation=saturation)
    other = np.asarray(adapted(image, inks, tone, "auto"), dtype=float)
    if saturation == 0.0:
        assert (other.max(axis=2) - other.min(axis=2)).max() <= 3
    else:
        assert bool(other.std() > usual.std()) is (contrast > 1)


def test_drawings_are_not_dithered_where_that_is_asked(spread_by: str) -> None:
    inks = PANELS["mono"]
    shown = dithered(Image.new("RGB", SIZE, (90, 90, 90)), inks, "none")
    assert len(set(shown.tobytes())) == 1
    assert len(set(dithered(Image.new("RGB", SIZE, (90, 90, 90)), inks).tobytes())) == 2


@pytest.mark.parametrize(("panel", "bits"), [("mono", 1), ("bwry", 2), ("grey8", 4), ("acep7", 4)])
def test_bits_of_an_index(panel: str, bits: int) -> None:
    assert PANELS[panel].bits == bits
    assert len(PANELS[panel].nominal) == len(PANELS[panel].measured)


# -- what greys do not teach -----------------------------------------------------------------------


@pytest.mark.parametrize("panel", ["spectra6", "acep7"])
@pytest.mark.parametrize(
    "colour", [(20, 30, 110), (10, 24, 60), (120, 20, 30), (20, 70, 40), (220, 160, 60)]
)
def test_a_field_of_one_colour_is_as_light_as_it_is_meant_to_be(
    spread_by: str, panel: str, colour: tuple[int, int, int]
) -> None:
    """Deep blues came out too dark, by up to 0.12 on ACeP panels."""
    inks = PANELS[panel]
    field = Image.new("RGB", (96, 96), colour)
    shown = as_inks(dithered(adapted(field, inks, Tone(), "auto"), inks), inks.measured)
    spots = np.asarray(shown.convert("RGB").crop((16, 16, 96, 96)), dtype=float) / 255
    linear = np.where(spots <= 0.04045, spots / 12.92, ((spots + 0.055) / 1.055) ** 2.4)
    mixed = linear.reshape(-1, 3).mean(axis=0)
    seen = oklab(np.where(mixed <= 0.0031308, mixed * 12.92, 1.055 * mixed ** (1 / 2.4) - 0.055))
    black, white = panel_range(inks)
    wanted = black + oklab(np.array(colour) / 255)[0] * (white - black)
    assert abs(seen[0] - wanted) < 0.03


@pytest.mark.parametrize("panel", PANELS)
def test_white_is_paper_without_a_speckle(spread_by: str, panel: str) -> None:
    inks = PANELS[panel]
    sheet = Image.new("RGB", (120, 80), (255, 255, 255))
    shown = dithered(adapted(sheet, inks, Tone(), "auto"), inks).convert("RGB")
    assert shown.getcolors() == [(120 * 80, (255, 255, 255))]
