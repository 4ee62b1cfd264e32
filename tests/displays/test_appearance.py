"""The settings of how pictures look -> the profile that they are rendered by."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from glance_agent.config.load import load
from glance_agent.displays.registry import settings_of
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import ConfigError
from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile, Tone
from glance_agent.domain.wall_label import Label
from glance_agent.wiring.fonts import check_fonts
from glance_agent.wiring.rendering import renders_of

MUCH = 10**9


def panel(**settings: object) -> PanelSettings:
    return settings_of("mqtt").model_validate({"name": "wall", **settings})


PAPER = {"panel": "spectra6", "width_px": 1600, "height_px": 1200}


def test_e_paper_is_sent_as_png_of_pure_inks_on_white() -> None:
    profile = panel(**PAPER, mat_style="framed", rotation=90, contrast=1.2).profile(MUCH)
    assert (profile.panel, profile.rotation, profile.encoding.format) == ("spectra6", 90, "png")
    assert profile.layout.mat == Mat("framed", "#ffffff", bevel=False)
    assert profile.tone == Tone(contrast=1.2)
    assert panel(**PAPER, mat="#000000").profile(MUCH).layout.mat.colour == "#000000"


@pytest.mark.parametrize(
    ("settings", "needed"),
    [(PAPER, 960_000), ({"encoding": "bmp"}, 3 * 1280 * 800),
     ({"panel": "mono", "encoding": "bmp", "width_px": 800, "height_px": 480}, 48_062)],
)  # fmt: skip
def test_what_loses_nothing_may_take_what_it_needs(
    settings: dict[str, object], needed: int
) -> None:
    assert panel(**settings).profile(MUCH).max_bytes >= needed
    assert panel(**settings).profile(7_000).max_bytes == 7_000
    assert panel(max_image_bytes=250_000, **PAPER).profile(MUCH).max_bytes == 250_000


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("panel = 'spectra6'\nencoding = 'jpeg'", "a JPEG blurs the inks of a spectra6 panel"),
        ("panel = 'mono'\nbrightness = 0.5", "brightness and warmth are for screens that shine"),
        ("panel = 'bwr'\nlabel = 20", "would change twice for each picture"),
        ("panel = 'grey'\nlabel = 20", "write label = “always” or “never”"),
        ("panel = 'mono'\nnight = {from = '21:00', to = '07:00'}", "a night is for screens"),
        ("night = {from = '21:00', to = '21:00'}", "begins when it ends"),
        ("night = {from = '00:00', to = '24:00'}", "this night never ends"),
        ("night = {from = '25:00', to = '07:00'}", "no time of the day"),
        ("night = {from = '21:00'}", "to"),
        ("label = 1", "label"),
        ("panel = 'bwr'\nmat_style = 'blur'", "write mat_style = “plain”"),
        ("encoding = 'bmp'\nmax_image_bytes = 300000", "take about 3072000 bytes"),
        ("panel = 'acep7'\nmax_image_bytes = 20000", "and max_image_bytes allows 20000: raise it"),
        ("panel = 'spectra7'", "must be 'lcd', 'grey'"),
        ("rotation = 45", "must be 0, 90, 180 or 270"),
    ],
)
def test_impossible_profiles_are_refused_in_a_sentence(
    tmp_path: Path, settings: str, said: str
) -> None:
    file = tmp_path / "glance.toml"
    file.write_text(f"[[displays]]\nname = 'wall'\n{settings}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file, {})
    sentence = str(refused.value)
    assert said in sentence
    assert "displays.0" in sentence


def test_a_font_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"no font")
    file = tmp_path / "glance.toml"
    for name in ("font.ttf", "missing.ttf"):
        file.write_text(f"[[displays]]\nname = 'wall'\nlabel = 'always'\nlabel_font = '{name}'\n")
        with pytest.raises(ConfigError, match=r"cannot be read as a font"):
            check_fonts(load(file, {}))
    file.write_text("[[displays]]\nname = 'wall'\nlabel = 'always'\n")
    check_fonts(load(file, {}))
    assert renders_of(load(file, {})) == (False, (None,))


def test_a_display_that_sets_nothing_shows_pictures_as_ever() -> None:
    assert panel().profile(MUCH) == PanelProfile((1280, 800), 300_000)
    assert PanelProfile((1280, 800), 300_000) == PanelProfile(
        (1280, 800),
        300_000,
        layout=Layout("contain", 0.15, 2.0, Mat("plain", "auto")),
        tone=Tone(brightness=1.0, warmth=0.0),
        panel="lcd",
        encoding=Encoding("jpeg", progressive=True),
    )


def test_every_setting_reaches_the_profile() -> None:
    settings = panel(
        width_px=800, height_px=480, fit="smart", max_crop=0.1, max_enlargement=1, mat="#102030",
        mat_style="framed", mat_width=0.1, mat_bevel=False, mat_varies=True, progressive=False,
        max_image_bytes=50_000,
    )  # fmt: skip
    mat = Mat("framed", "#102030", 0.1, bevel=False, varies=True)
    layout, encoding = Layout("smart", 0.1, 1, mat), Encoding(progressive=False)
    expected = PanelProfile((800, 480), 50_000, layout, encoding=encoding)
    assert settings.profile(MUCH) == expected
    assert settings.profile(20_000).max_bytes == 20_000


def test_labels() -> None:
    assert panel(label_fields=["title"], label_code=True).profile(MUCH).label is None
    settings = panel(label="always", label_fields=["title"], label_height=0.03, label_code=True)
    assert settings.profile(MUCH).label == Label(("title",), 0.03, code=True)
    assert settings.profile(MUCH).on_a_screen((100, 100), MUCH).label is None


def test_labels_for_some_seconds_and_nights() -> None:
    settings = panel(label=20, night={"from": "21:00", "to": "07:00", "brightness": 0.3})
    assert settings.profile(MUCH).label == Label()
    assert settings.label_stays == timedelta(seconds=20)
    assert panel(label="always").label_stays is None
    assert settings.night is not None
    assert (settings.night.window.begins, settings.night.window.ends) == (21 * 60, 7 * 60)
    assert (settings.night.brightness, settings.night.warmth) == (0.3, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [{"label": "often"}, {"label_fields": []}, {"label_fields": ["price"]}, {"label_height": 1}],
)
def test_what_no_label_can_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        panel(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"fit": "stretch"}, {"mat": "dim"}, {"mat_style": "gold"}, {"max_crop": 0.6},
     {"max_enlargement": 0.5}, {"mat_width": 0.4}],
)  # fmt: skip
def test_what_no_picture_can_be_rendered_by(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        panel(**wrong)


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [
        ({}, 0),
        ({"panel": "grey16"}, 0),
        ({"panel": "bwr"}, 900),
        (PAPER, 900),
        ({**PAPER, "min_interval_seconds": 60}, 60),
        ({**PAPER, "min_interval_seconds": 0}, 0),
    ],
)
def test_e_paper_in_colours_keeps_its_picture(settings: dict[str, object], seconds: int) -> None:
    assert panel(**settings).least_seconds == seconds
