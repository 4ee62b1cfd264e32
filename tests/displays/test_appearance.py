"""The settings of how pictures look -> the profile that they are rendered by."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from glance_agent.displays.registry import settings_of
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile

MUCH = 10**9


def panel(**settings: object) -> PanelSettings:
    return settings_of("mqtt").model_validate({"name": "wall", **settings})


def test_a_display_that_sets_nothing_shows_pictures_as_ever() -> None:
    assert panel().profile(MUCH) == PanelProfile((1280, 800), 300_000)
    assert PanelProfile((1280, 800), 300_000) == PanelProfile(
        (1280, 800), 300_000, Layout("contain", 0.15, 2.0, Mat("plain", "auto")), Encoding(True)
    )


def test_every_setting_reaches_the_profile() -> None:
    settings = panel(
        width_px=800, height_px=480, fit="smart", max_crop=0.1, max_enlargement=1, mat="#102030",
        mat_style="framed", mat_width=0.1, mat_bevel=False, mat_varies=True, progressive=False,
        max_image_bytes=50_000,
    )  # fmt: skip
    mat = Mat("framed", "#102030", 0.1, bevel=False, varies=True)
    expected = PanelProfile((800, 480), 50_000, Layout("smart", 0.1, 1, mat), Encoding(False))
    assert settings.profile(MUCH) == expected
    assert settings.profile(20_000).max_bytes == 20_000


@pytest.mark.parametrize(
    "wrong",
    [{"fit": "stretch"}, {"mat": "dim"}, {"mat_style": "gold"}, {"max_crop": 0.6},
     {"max_enlargement": 0.5}, {"mat_width": 0.4}],
)  # fmt: skip
def test_what_no_picture_can_be_rendered_by(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        panel(**wrong)
