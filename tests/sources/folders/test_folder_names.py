"""Which folders give a picture its title, and which were made by devices and programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from glance_agent.sources.folders.folder_names import folder_title, title_of_folders
from tests.sources.folders.test_folder import put
from tests.sources.folders.test_labels import work_of


@pytest.mark.parametrize(
    "folder",
    [
        "iphone", "iPhone 12 Pro Max", "iPhone12", "iPhone Fotos", "iPad (2)", "Annas iPhone",
        "John's iPhone", "John’s Phone", "iPhone von Anna", "iPhone de Léa", "Samsung Galaxy S10",
        "Pixel 6 Pro", "Galaxy S23 Ultra", "Huawei P30 lite", "Canon EOS 5D Mark III", "NIKON D750",
        "Sony A7III", "GoPro Hero 9", "Handy Fotos 2019", "Mein Handy",
        "mobile uploads", "Teléfono", "Téléphone portable", "Móvil",
        "DCIM", "100APPLE", "101CANON", "100NCD70", "103_PANA", "100D7000", "100apple", "202307_a",
        "202007__", "Camera", "Camera Roll", "camera_roll", "Eigene Aufnahmen", "Pellicule",
        "Carrete", "Rullino", "Filmrol", "WhatsApp", "WhatsApp Images", "WhatsApp Bilder",
        "WhatsApp Animated Gifs", "Telegram Images", "Instagram", "Snapchat", "Signal Fotos",
        "Screenshots", "Bildschirmfotos", "Captures d’écran", "Capturas de pantalla", "Schermate",
        "Schermafbeeldingen", "スクリーンショット", "Downloads", "Téléchargements", "Takeout",
        "Google Fotos", "iCloud Photos", "My Photo Stream", "Photos Library.photoslibrary",
        "Photos from 2019", "Fotos von 2019", "Photos de 2019", "Foto's uit 2019", "Bilder",
        "My Pictures", "Saved Pictures", "New Folder (2)", "Neuer Ordner", "Nouveau dossier",
        "Nueva carpeta", "Untitled Album", "Import", "backup 2019-07-04", "2019", "07", "2019-07",
    ],
)  # fmt: skip
def test_folders_of_devices_and_programs_name_no_picture(folder: str) -> None:
    assert folder_title(folder) is None


@pytest.mark.parametrize(
    ("folder", "title"),
    [
        ("Sommer 2019", "Sommer 2019"),
        ("100Jahre", "100Jahre"),
        ("2019JULI", "2019JULI"),
        ("Apple", "Apple"),
        ("Galaxy", "Galaxy"),
        ("Camera obscura", "Camera obscura"),
        ("iPhone Anna und Ben", "iPhone Anna und Ben"),
        ("Handy Kreuz", "Handy Kreuz"),
        ("Paris mit dem Handy", "Paris mit dem Handy"),
        ("photos of grandma", "Photos of Grandma"),
        ("La Rochelle", "La Rochelle"),
        ("Bilder aus Rom", "Bilder aus Rom"),
        ("Die Alpen", "Die Alpen"),
        ("G20", "G20"),
    ],
)
def test_folders_that_people_named_name_their_pictures(folder: str, title: str) -> None:
    assert folder_title(folder) == title


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("iphone/IMG_0001.jpg", None),
        ("IMG_0001.jpg", None),
        ("Rom/IMG_0001.jpg", "Rom"),
        ("Rom/iPhone/IMG_0001.jpg", "Rom"),
        ("Rom/DCIM/100APPLE/IMG_0001.jpg", "Rom"),
        ("Italien/Rom/IMG_0001.jpg", "Rom"),
        ("DCIM/Rom/IMG_0001.jpg", "Rom"),
    ],
)
def test_the_nearest_folder_that_says_something_is_asked(key: str, title: str | None) -> None:
    assert title_of_folders(key) == title


async def test_a_picture_of_a_phone_is_untitled(tmp_path: Path) -> None:
    put(tmp_path, "iphone/IMG_0001.jpg")
    put(tmp_path, "Rom/100APPLE/IMG_0001.jpg")
    assert (await work_of(tmp_path, "iphone/IMG_0001.jpg")).title == "Untitled"
    assert (await work_of(tmp_path, "Rom/100APPLE/IMG_0001.jpg")).title == "Rom"
