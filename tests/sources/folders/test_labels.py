"""What a picture of one's own is called, and when, where and with what it was taken."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.items import Listed
from glance_agent.domain.naming import first_name_first
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.search.query_parsing import parse_query
from glance_agent.sources.folders.embedded_metadata import camera_facts, embedded_facts
from glance_agent.sources.folders.file_names import facts_from_name, is_camera_name
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.takeout import takeout_names
from glance_agent.sources.folders.xmp import MAX_XMP_BYTES, xmp_facts
from glance_agent.sources.records.facts import Facts
from glance_agent.sources.records.years import years_in
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from tests.home import SOURCE, Home, ingest_all, paint
from tests.in_process import header_of
from tests.sources.folders.test_folder import listed, picture, put

DAY = "1561820000"
"""29 June 2019, as Google writes it."""
LONG = "a name that is longer than forty-six letters, by far"


async def work_of(root: Path, key: str) -> Artwork:
    return (await FolderSource("wall", root, header_of).fetch(Listed(key), wanted_px=800)).artwork


def xmp(properties: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:digiKam="http://www.digikam.org/ns/1.0/" '
        'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        f'xmlns:ms="http://ns.microsoft.com/photo/1.0">{properties}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def taken_at(day: str, **tags: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
    exif.get_ifd(0x8769)[0x9003] = day
    return picture(exif=exif)


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title", "artist", "date", "taken"),
    [
        ("IMG_2034.JPG", None, None, None, None),
        ("IMG_2034 (1).JPG", None, None, None, None),
        ("IMG_20190704_101112-edited.jpg", None, None, None, "2019-07-04"),
        ("PXL_20230514_101112345.NIGHT.jpg", None, None, None, "2023-05-14"),
        ("IMG-20190704-WA0001.jpg", None, None, None, "2019-07-04"),
        ("WhatsApp Image 2023-05-14 at 10.11.12.jpeg", None, None, None, "2023-05-14"),
        ("2019-07-04 10.11.12.jpg", None, None, None, "2019-07-04"),
        ("20190704_101112.jpg", None, None, None, "2019-07-04"),
        ("100_1234.JPG", None, None, None, None),
        ("P1010001.JPG", None, None, None, None),
        ("Screenshot 2024-01-02 at 3.04.05 PM.png", None, None, None, "2024-01-02"),
        ("IMG_2034 Oma im Garten.jpg", "Oma im Garten", None, None, None),
        ("Sunset - edited.jpg", "Sunset", None, None, None),
        ("Sunset - Copy (2).jpg", "Sunset", None, None, None),
        ("Sunset - Kopie.jpg", "Sunset", None, None, None),
        ("Sunset copy 2.jpg", "Sunset", None, None, None),
        ("Copy of Sunset.jpg", "Sunset", None, None, None),
        ("Sunset-bearbeitet(1).jpg", "Sunset", None, None, None),
        ("Claude Monet - Lilies (1906) - Copy.jpg", "Lilies", "Claude Monet", "1906", None),
        ("Vermeer, Jan - Milk (c.1665).jpg", "Milk", "Vermeer, Jan", "c.1665", None),
        ("IMG_E1234.JPG", None, None, None, None),
        ("IMG_1234.HEIC.jpg", None, None, None, None),
        ("3F2504E0-4F89-11D3-9A0C-0305E82C3301_1_105_c.jpeg", None, None, None, None),
        ("WhatsApp Bild 2023-05-14 um 10.11.12.jpeg", None, None, None, "2023-05-14"),
        ("photo_5436@14-05-2023_10-11-12.jpg", None, None, None, None),
        ("20190704_101112~2.jpg", None, None, None, "2019-07-04"),
        ("WIN_20190704_10_11_12_Pro.jpg", None, None, None, "2019-07-04"),
        ("00000IMG_00000_BURST20190704101112345_COVER.jpg", None, None, None, None),
        ("DSC_0001-Enhanced-NR.jpg", None, None, None, None),
        ("IMG_1234-ha editado.jpg", None, None, None, None),
        ("Imagen 012.jpg", None, None, None, None),
        ("unnamed (1).jpg", None, None, None, None),
        ("Unbenannt.jpg", None, None, None, None),
        ("2019-07-04 - Oma im Garten.jpg", "Oma im Garten", None, None, "2019-07-04"),
        ("20190704 Urlaub Italien 012.jpg", "Urlaub Italien", None, None, "2019-07-04"),
        ("1907-05-01 Klimt - Kiss.jpg", "Kiss", "Klimt", "1907-05-01", "1907-05-01"),
        ("001.jpg", None, None, None, None),
        ("12 (3).jpg", None, None, None, None),
        ("0001_1.jpg", None, None, None, None),
        ("1906.jpg", "1906", None, None, None),
        ("012 Garden.jpg", "Garden", None, None, None),
        ("03_Venezia.jpg", "Venezia", None, None, None),
        ("7 Sisters.jpg", "7 Sisters", None, None, None),
        ("1001 Nights.jpg", "1001 Nights", None, None, None),
        ("Photo album of a lady.jpg", "Photo Album of a Lady", None, None, None),
        ("Pont 14 juillet.jpg", "Pont 14 juillet", None, None, None),
    ],
)  # fmt: skip
def test_names_of_cameras_and_copies_are_no_words(
    name: str, title: str | None, artist: str | None, date: str | None, taken: str | None
) -> None:
    facts = facts_from_name(name)
    expected = title and title.casefold()
    assert facts.title == expected or (facts.title or "").casefold() == expected
    assert (facts.artist, facts.date, facts.taken) == (artist, date, taken)


@pytest.mark.parametrize("sign", ["~", "1a", "WA", "_"])
def test_a_long_name_takes_no_time(sign: str) -> None:
    assert not is_camera_name(f"IMG_1{sign * 45}x"[:99])


@pytest.mark.parametrize("name", ["1906", "Image of a dog", "Scanner", "P", "Photos", "Sunset 2"])
def test_words_are_no_names_of_cameras(name: str) -> None:
    assert not is_camera_name(name)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Vermeer, Johannes", "Johannes Vermeer"),
        ("van Gogh, Vincent", "Vincent van Gogh"),
        ("Gogh, Vincent van", "Vincent van Gogh"),
        ("Rijn, Rembrandt Harmensz. van", "Rembrandt Harmensz. van Rijn"),
        ("Ann Smith, Bob Jones", "Ann Smith, Bob Jones"),
        ("Breughel, the Elder", "Breughel, the Elder"),
        ("Sammy Davis, Jr.", "Sammy Davis, Jr."),
        ("Rossi, Anna, Meyer, Ben", "Rossi, Anna, Meyer, Ben"),
        ("Studio, paris", "Studio, paris"),
        ("Johannes Vermeer", "Johannes Vermeer"),
    ],
)
def test_names_of_catalogues_are_turned_round(written: str, read: str) -> None:
    assert first_name_first(written) == read


def test_a_year_may_follow_its_circa_at_once() -> None:
    assert years_in("c.1665") == (1665, 1665)
    assert years_in("1.1665") == (None, None)


# -- what lies beside ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1(2).jpg", "IMG_1.jpg(2).json"),
        ("IMG_1(2).jpg", "IMG_1.jpg.supplemental-metadata(2).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("PXL_20230514_101112.NIGHT.jpg", "PXL_20230514_101112.NIGHT.jpg.supplemental-met.json"),
        (f"{LONG}.jpg", f"{LONG[:46]}.json"),
        (f"{LONG[:44]}-ed.jpg", f"{LONG[:44]}.j.json"),
        (f"{LONG[:42]}-bear.jpg", f"{LONG[:42]}.jpg.json"),
        (f"{LONG[:44]}-.jpg", f"{LONG[:44]}.j.json"),
    ],
)  # fmt: skip
async def test_takeout_is_read_by_each_of_its_names(tmp_path: Path, name: str, beside: str) -> None:
    put(tmp_path, f"2019/{name}")
    (before,) = await listed(FolderSource("wall", tmp_path, header_of))
    told = {
        "title": name, "description": "Oma im Garten", "people": [{"name": "Oma"}],
        "photoTakenTime": {"timestamp": DAY}, "url": "https://photos.example.org/x",
    }  # fmt: skip
    put(tmp_path, f"2019/{beside}", json.dumps(told).encode())
    (after,) = await listed(FolderSource("wall", tmp_path, header_of))
    assert after.fingerprint != before.fingerprint
    work = await work_of(tmp_path, f"2019/{name}")
    assert (work.date, work.year_from, work.description) == ("2019-06-29", 2019, "Oma im Garten")
    assert work.medium == "Photograph"
    assert "Oma" not in (*work.tags, work.title)
    if name.startswith("IMG"):
        assert work.title == "Untitled, 29 June 2019"


async def test_a_name_that_google_cut_off_is_told_whole_in_its_json(tmp_path: Path) -> None:
    put(tmp_path, f"{LONG[:47]}.jpg")
    told = {"title": f"{LONG}.jpg", "photoTakenTime": {"timestamp": DAY}}
    put(tmp_path, f"{LONG[:46]}.json", json.dumps(told).encode())
    title = (await work_of(tmp_path, f"{LONG[:47]}.jpg")).title
    assert title.casefold() == LONG


@pytest.mark.parametrize(
    "told", [{"timestamp": "x"}, {"timestamp": 9**99}, None, [], {"timestamp": -(9**15)}]
)
async def test_rubbish_in_takeout_costs_no_picture(tmp_path: Path, told: object) -> None:
    put(tmp_path, "sea.jpg")
    put(tmp_path, "sea.jpg.json", json.dumps({"photoTakenTime": told, "title": 3}).encode())
    work = await work_of(tmp_path, "sea.jpg")
    assert (work.title, work.date) == ("Sea", None)


def test_no_takeout_name_is_longer_than_google_makes_them() -> None:
    assert all(
        len(name) <= 46 + len("(999).json") for name in takeout_names("x" * 250 + "(999).jpg")
    )


@pytest.mark.parametrize("beside", ["a.jpg.xmp", "a.xmp"])
async def test_a_sidecar_of_xmp_tells_the_facts(tmp_path: Path, beside: str) -> None:
    put(tmp_path, "a.jpg")
    (before,) = await listed(FolderSource("wall", tmp_path, header_of))
    tree = (
        "<dc:title><rdf:Alt><rdf:li>At the lake</rdf:li></rdf:Alt></dc:title>"
        "<dc:description><rdf:Alt><rdf:li>Windy</rdf:li></rdf:Alt></dc:description>"
        "<digiKam:TagsList><rdf:Seq><rdf:li>Places/Italy/Como</rdf:li><rdf:li>People/Anna</rdf:li>"
        "</rdf:Seq></digiKam:TagsList><lr:hierarchicalSubject><rdf:Bag><rdf:li>water|lake</rdf:li>"
        "</rdf:Bag></lr:hierarchicalSubject><dc:subject><rdf:Bag><rdf:li>Anna</rdf:li>"
        "<rdf:li>boat</rdf:li></rdf:Bag></dc:subject><photoshop:City>Como</photoshop:City>"
    )
    put(tmp_path, beside, xmp(tree))
    (after,) = await listed(FolderSource("wall", tmp_path, header_of))
    assert after.fingerprint != before.fingerprint
    work = await work_of(tmp_path, "a.jpg")
    assert (work.title, work.description) == ("At the lake", "Windy")
    assert work.tags == ("boat", "Italy", "Como", "water", "lake")


@pytest.mark.parametrize(
    ("date", "medium"),
    [
        ("2019-07-04T10:11:12+02:00", "Photograph, Canon EOS R6"),
        ("2019-07-05T00:11:12Z", "Photograph, Canon EOS R6"),
        ("1889-07-04", None),
        ("1889", None),
    ],
)
async def test_a_photograph_that_a_program_has_dated_is_one(
    tmp_path: Path, date: str, medium: str | None
) -> None:
    put(tmp_path, "IMG_1.jpg", taken_at("2019:07:04 12:00:00"))
    by = "<dc:creator><rdf:Seq><rdf:li>Ann Field</rdf:li></rdf:Seq></dc:creator>"
    put(tmp_path, "IMG_1.xmp", xmp(f"<photoshop:DateCreated>{date}</photoshop:DateCreated>{by}"))
    work = await work_of(tmp_path, "IMG_1.jpg")
    assert (work.medium, work.artist, work.date) == (medium, "Ann Field", date[:10])


def test_stars_make_a_favourite() -> None:
    assert xmp_facts(xmp("<xmp:Rating>5</xmp:Rating>")).favourite
    assert xmp_facts(xmp("<ms:Rating>99</ms:Rating>")).favourite
    assert camera_facts(RawMetadata(exif={0x4746: 5})).favourite
    for less in (
        "<xmp:Rating>4</xmp:Rating>",
        "<xmp:Rating>-1</xmp:Rating>",
        "<ms:Rating>x</ms:Rating>",
    ):
        assert not xmp_facts(xmp(less)).favourite


def test_deep_or_endless_xmp_is_no_harm() -> None:
    deep = b"<a>" * 160_000 + b"</a>" * 160_000
    assert len(deep) > MAX_XMP_BYTES
    assert xmp_facts(deep) == xmp_facts(deep[:900_000]) == Facts()
    nested = 20_000
    assert xmp_facts(b"<a>" * nested + b"x" + b"</a>" * nested).title is None


async def test_a_sidecar_is_no_link_out_of_the_folder(tmp_path: Path) -> None:
    put(tmp_path, "in/a.jpg")
    put(tmp_path, "secret.xmp", xmp("<photoshop:Headline>Secret</photoshop:Headline>"))
    (tmp_path / "in/a.xmp").symlink_to(tmp_path / "secret.xmp")
    assert (await work_of(tmp_path / "in", "a.jpg")).title == "A"


# -- what lies inside ---------------------------------------------------------------------------


def test_iptc_is_read_in_the_encoding_that_it_has() -> None:
    def told(encoding: str, title: str, artist: str, mark: bytes = b"") -> tuple[Any, Any]:
        iptc = {(2, 5): [title.encode(encoding)], (2, 80): [artist.encode(encoding)]}
        facts = embedded_facts(RawMetadata(iptc={**iptc, **({(1, 90): [mark]} if mark else {})}))
        return facts.title, facts.artist

    for encoding, mark in (
        ("cp1252", b""),
        ("utf-8", b""),
        ("utf-8", b"\x1b%G"),
        ("cp1252", b"\x1b.A"),
    ):
        names = ("Rue de l’Été – soir", "Œuvre Šimek")
        assert told(encoding, *names, mark) == names
    for encoding, title, artist in (
        ("cp1251", "Закат над морем", "Иван Шишкин"),
        ("cp932", "海に沈む夕日と富士山", "北斎"),
        ("cp1253", "Ηλιοβασίλεμα στη θάλασσα", "Νίκος"),
    ):
        assert told(encoding, title, artist) == (title, artist)


def test_headlines_cities_and_what_windows_wrote_are_read() -> None:
    iptc = embedded_facts(
        RawMetadata(
            iptc={
                (2, 5): [b"IMG_2034"],
                (2, 105): [b"At dawn"],
                (2, 90): [b"Rome"],
                (2, 101): [b"Italy"],
            }
        )
    )
    assert (iptc.title, iptc.place) == ("At dawn", "Rome, Italy")
    texts = enumerate(("Am See", "Ein Satz", "Änne", "Hund;See"), 0x9C9B)
    exif = {tag: f"{text}\0".encode("utf-16-le") for tag, text in texts}
    windows = camera_facts(RawMetadata(exif={**exif, 0x010E: "IMG_2034"}))
    assert (windows.title, windows.description, windows.artist) == ("Am See", "Ein Satz", "Änne")
    assert windows.tags == ("Hund", "See")
    assert (
        camera_facts(RawMetadata(exif={0x010E: "Stra\xdfe \x96 abends"})).title == "Straße – abends"
    )


async def test_a_photograph_says_when_and_with_what_it_was_taken(tmp_path: Path) -> None:
    put(tmp_path, "IMG_2034.jpg", taken_at("2019:07:04 23:30:00"))
    put(tmp_path, "Italy 2018/IMG_2035.jpg")
    put(tmp_path, "DCIM/IMG_2036.jpg", picture("#112233"))
    put(tmp_path, "Claude Monet - Sea (1880).jpg", taken_at("2019:07:04 23:30:00"))
    own = await work_of(tmp_path, "IMG_2034.jpg")
    assert (own.title, own.date) == ("Untitled, 4 July 2019", "2019-07-04")
    assert own.medium == "Photograph, Canon EOS R6"
    assert (await work_of(tmp_path, "Italy 2018/IMG_2035.jpg")).title == "Italy 2018"
    assert (await work_of(tmp_path, "DCIM/IMG_2036.jpg")).title == "Untitled"
    painted = await work_of(tmp_path, "Claude Monet - Sea (1880).jpg")
    assert (painted.date, painted.medium) == ("1880", None)


async def test_a_day_apart_is_a_time_zone_and_more_is_a_correction(tmp_path: Path) -> None:
    for day, shown in (
        ("2019:06:30 01:00:00", "2019-06-30"),
        ("2001:01:01 00:00:00", "2019-06-29"),
    ):
        put(tmp_path, "a.jpg", taken_at(day))
        put(tmp_path, "a.jpg.json", json.dumps({"photoTakenTime": {"timestamp": DAY}}).encode())
        assert (await work_of(tmp_path, "a.jpg")).date == shown


async def test_favourites_are_liked_by_whom_the_settings_name_unless_they_said_otherwise(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    paint(home.pictures)
    put(home.pictures, "red-field.xmp", xmp("<xmp:Rating>5</xmp:Rating>"))

    async def reactions(**options: Any) -> list[tuple[str, str]]:
        await ingest_all(home.database, FolderSource(SOURCE, home.pictures, header_of, **options))
        with closing(open_database(home.database)) as db:
            return list(db.execute("SELECT user, kind FROM reactions"))

    assert await reactions() == []
    os.utime(home.pictures / "red-field.xmp", (1, 1))
    assert await reactions(favourites_as="mia") == [("mia", "like")]
    with closing(open_database(home.database)) as db:
        db.execute("UPDATE reactions SET kind = 'dislike'")
    os.utime(home.pictures / "red-field.xmp", (2, 2))
    assert await reactions(favourites_as="mia") == [("mia", "dislike")]


async def test_photographs_are_found_by_the_day_they_were_taken(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    put(home.pictures, "IMG_1.jpg", taken_at("2019:07:04 23:30:00"))
    put(home.pictures, "Claude Monet - Sea (2019-07-04).jpg", picture("#112233"))
    await ingest_all(home.database, FolderSource(SOURCE, home.pictures, header_of))
    with closing(open_database(home.database)) as db:
        library = Library(db)
        for query, count in (
            ("taken:2019", 1), ("taken:2019-07", 1), ("taken:2019-07-04", 1), ("taken:2019-08", 0),
            ("taken:..2019-07-03", 0), ("taken:>2019-07-04", 1), ("year:2019", 1),
        ):  # fmt: skip
            assert len(library.matching(parse_query(query).filters)) == count, query


async def test_an_artist_is_found_by_both_spellings(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path / "pictures")
    home.folder.mkdir()
    put(home.pictures, "Vermeer, Johannes - The Milkmaid (c.1665).jpg", picture())
    await ingest_all(home.database, FolderSource(SOURCE, home.pictures, header_of))
    with closing(open_database(home.database)) as db:
        library = Library(db)
        for asked in ("Vermeer, Johannes", "johannes vermeer", "vermeer"):
            (found,) = library.get_many(library.matching(Filters(artist=asked)))
            assert found.label == "“The Milkmaid” by Johannes Vermeer, c.1665"
            assert found.year_from == 1665
        assert not library.matching(Filters(artist="Monet, Claude"))
