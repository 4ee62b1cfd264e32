"""What a screenshot is called."""

import pytest

from glance_agent.domain.wall_rule import is_screenshot


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot 2024-01-02 at 3.04.05 PM.png",
        "a/b/Screenshot_20240102-030405_Chrome.jpg",
        "screen shot 2019.png",
        "Bildschirmfoto 2024-01-02 um 03.04.05.png",
        "Capture d’écran 2024-01-02 à 03.04.05.png",
        "Capture d'e\u0301cran 2024.png",
        "Captura de pantalla 2024-01-02 a las 3.04.05.png",
        "Captura de ecrã 2024-01-02.png",
        "Schermata 2024-01-02 alle 03.04.05.png",
        "Schermafbeelding 2024-01-02.png",
        "Skärmavbild 2024-01-02 kl. 03.04.05.png",
        "Skærmbillede 2024-01-02 kl. 03.04.05.png",
        "Zrzut ekranu 2024-01-02.png",
        "2024-01-02_Screenshot.png",
        "Skjermbilde 2024-01-02.png",
        "Näyttökuva 2024-01-02.png",
        "Ekran görüntüsü 2024-01-02.png",
        "Snímek obrazovky 2024-01-02.png",
        "Képernyőkép 2024-01-02.png",
        "Снимок экрана 2024-01-02.png",
        "スクリーンショット 2024-01-02 3.04.05.png",
        "屏幕截图 2024-01-02.png",
        "截屏2024-01-02 03.04.05.png",
        "스크린샷 2024-01-02.png",
    ],
)
def test_programs_give_such_names(name: str) -> None:
    assert is_screenshot(name)


@pytest.mark.parametrize(
    "name",
    ["Sunset.jpg", "The Screenshotter.png", "Captura de un pez.jpg", "Screens of Kyoto.jpg", "",
     "screenshots/sunset.jpg", "My favourite screenshot of Monet.png",
     "Мой любимый скриншот.png", "Ekran.png"],
)  # fmt: skip
def test_others_have_other_names(name: str) -> None:
    assert not is_screenshot(name)
