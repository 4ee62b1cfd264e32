"""Colours -> the inks of e-paper: pure nominal colours, as light as meant, whatever dithers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.panel import Tone
from glance_agent.pictures.colours import oklab
from glance_agent.pictures.rendering import dithering
from glance_agent.pictures.rendering.calibration import adapted, grey_curve, panel_range
from glance_agent.pictures.rendering.dithering import as_inks, dithered, ditherer, load_ditherer
from glance_agent.pictures.rendering.inks import PANELS, Inks
from tests.pictures.rendering.painted import colours_of, noise, sunset

SIZE = (96, 64)


@pytest.fixture(params=["epaper-dithering", "Pillow"])
def spread_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What dithers: the extra, or what is always there."""
    monkeypatch.setattr(dithering, "_library", None)
    grey_curve.cache_clear()
    if request.param != "Pillow":
        pytest.importorskip("epaper_dithering")
        assert load_ditherer()
    assert ditherer() == request.param
    yield request.param
    grey_curve.cache_clear()


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
