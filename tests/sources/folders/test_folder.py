"""A folder of pictures: what is listed, in which order, and what is known about each work."""

from __future__ import annotations

import hashlib
import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Listed, Page, Skipped
from glance_agent.pictures.memory import Memory
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import bytes_of
from glance_agent.sources.folders import folder as folder_module
from glance_agent.sources.folders.embedded_metadata import embedded_facts
from glance_agent.sources.folders.file_names import facts_from_name
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.sidecar import facts_from
from glance_agent.sources.records.facts import Facts
from tests.in_process import InProcess, header_of


def picture(colour: str = "#336699", fmt: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, fmt, **options)
    return out.getvalue()


def put(root: Path, key: str, data: bytes | None = None) -> Path:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture() if data is None else data)
    return path


async def listed(source: FolderSource, cursor: str | None = None) -> list[Listed | Skipped]:
    return [item async for page in source.pages(cursor) for item in page.items]


async def keys(source: FolderSource, cursor: str | None = None) -> list[str]:
    return [item.key for item in await listed(source, cursor)]


async def fetched(root: Path, key: str) -> Artwork:
    return (await FolderSource("wall", root, header_of).fetch(Listed(key), wanted_px=800)).artwork


# -- listing -----------------------------------------------------------------------------------


async def test_pictures_are_listed_in_order_without_what_is_none(tmp_path: Path) -> None:
    for key in ("b.JPG", "a/z.png", "a.webp", "a/deep/er/x.avif"):
        put(tmp_path, key)
    for key in (".hidden.jpg", ".cache/x.jpg", "notes.txt", "a.json", "film.mp4"):
        put(tmp_path, key, b"{}")
    assert await keys(FolderSource("wall", tmp_path, header_of)) == [
        "a.webp", "a/deep/er/x.avif", "a/z.png", "b.JPG",
    ]  # fmt: skip
    assert await keys(FolderSource("wall", tmp_path, header_of, recursive=False)) == [
        "a.webp",
        "b.JPG",
    ]


async def test_a_listing_resumes_at_its_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "PAGE_ITEMS", 3)
    for n in range(8):
        put(tmp_path, f"{n}.jpg", b"x")
    source = FolderSource("wall", tmp_path, header_of)
    pages = [page async for page in source.pages(None)]
    assert [len(page.items) for page in pages] == [3, 3, 2]
    assert [page.next_cursor for page in pages] == ["2.jpg", "5.jpg", None]
    assert {page.total for page in pages} == {8}
    assert await keys(source, pages[0].next_cursor) == [f"{n}.jpg" for n in range(3, 8)]
    assert await keys(source, "zzz") == []


async def test_an_empty_folder_is_one_empty_page(tmp_path: Path) -> None:
    pages = [page async for page in FolderSource("wall", tmp_path, header_of).pages(None)]
    assert pages == [Page((), None, 0)]


@pytest.mark.parametrize("left", ["an empty mount point", "what a NAS leaves there", "nothing"])
async def test_a_picture_of_a_folder_without_any_is_not_gone_but_away(
    tmp_path: Path, left: str
) -> None:
    root = tmp_path / "nas"
    path, source = put(root, "sea.jpg"), FolderSource("nas", root, header_of)
    path.unlink()
    if left == "what a NAS leaves there":
        put(root, "#recycle/notes.txt", b"")
    elif left == "nothing":
        root.rmdir()
    with pytest.raises(SourceError, match="mount its disk"):
        await source.read(str(path))
    with pytest.raises(SourceError, match="mount its disk"):
        await source.fetch(Listed("sea.jpg"), wanted_px=800)
    put(root, "other.jpg")
    with pytest.raises(BadPicture, match="vanished"):
        await source.read(str(path))


async def test_a_picture_of_another_place_is_away_while_its_folder_is(tmp_path: Path) -> None:
    before, root = put(tmp_path / "before", "sea.jpg"), tmp_path / "nas"
    source = FolderSource("nas", root, header_of)
    with pytest.raises(SourceError, match="mount its disk"):
        source.find(str(before))
    put(root, "hill.jpg")
    with pytest.raises(BadPicture, match="outside the folder"):
        source.find(str(before))


async def test_a_picture_is_found_without_being_read(tmp_path: Path) -> None:
    path, source = put(tmp_path, "sea.jpg"), FolderSource("nas", tmp_path, header_of)
    put(tmp_path, "hill.jpg")
    assert source.find(str(path))
    path.unlink()
    with pytest.raises(BadPicture, match="vanished"):
        source.find(str(path))


async def test_a_disk_that_goes_during_a_listing_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "PAGE_ITEMS", 1)
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        put(tmp_path, key)
    pages = FolderSource("nas", tmp_path, header_of).pages(None)
    await anext(pages)
    for path in [tmp_path / key for key in ("a.jpg", "b.jpg", "c.jpg")]:
        path.unlink()
    with pytest.raises(SourceError, match="mount its disk"):
        await anext(pages)


async def test_links_neither_loop_nor_leave_the_folder(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(outside, "secret.jpg")
    put(root, ".annex/object.jpg")
    put(root, "sub/real.jpg")
    (root / "sub/loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "secret.jpg").symlink_to(outside / "secret.jpg")
    (root / "inside.jpg").symlink_to(root / ".annex/object.jpg")
    (root / "dangling.jpg").symlink_to(root / "gone.jpg")
    (root / "away.jpg").symlink_to(tmp_path / "not mounted/sea.jpg")
    (root / "circle.jpg").symlink_to(root / "circle.jpg")
    os.mkfifo(root / "pipe.jpg")
    (tmp_path / "entrance").symlink_to(root)
    source = FolderSource("wall", tmp_path / "entrance", header_of)
    found = await listed(source)
    assert [item.key for item in found if isinstance(item, Listed)] == [
        "inside.jpg",
        "sub/real.jpg",
    ]
    assert {item.key: item.reason for item in found if isinstance(item, Skipped)} == dict.fromkeys(
        ("away.jpg", "circle.jpg", "dangling.jpg", "out", "secret.jpg", "sub/loop"),
        "link not followed",
    ) | {"pipe.jpg": "unreadable"}
    hints = {item.key: item.detail.split()[0] for item in found if isinstance(item, Skipped)}
    assert {key for key, first in hints.items() if first == "follow_links"} == {
        "out",
        "secret.jpg",
        "sub/loop",
    }, "who follows the others gets nowhere"
    for key in ("secret.jpg", "../outside/secret.jpg", str(outside / "secret.jpg"), "circle.jpg"):
        with pytest.raises(BadPicture):
            await source.fetch(Listed(key), wanted_px=100)
    with pytest.raises(BadPicture):
        await source.read(str(outside / "secret.jpg"))


async def test_the_fingerprint_follows_picture_sidecar_and_gallery(tmp_path: Path) -> None:
    source = FolderSource("wall", tmp_path, header_of)
    path = put(tmp_path, "a.jpg", b"1")
    put(tmp_path, "other.jpg", b"1")
    seen: list[str] = []

    async def look() -> str:
        first, other = await listed(source)
        seen.append(first.fingerprint)
        return other.fingerprint

    other = await look()
    assert seen == [f"1:{path.stat().st_mtime_ns}"]
    for change in (
        lambda: path.write_bytes(b"22"),
        lambda: put(tmp_path, "a.json", b"{}"),
        lambda: put(tmp_path, "a.jpg.json", b'{"title": "A"}'),
        lambda: put(tmp_path, "gallery.json", b'[{"file": "a.jpg", "title": "B"}]'),
        lambda: put(tmp_path, "gallery.json", b'[{"file": "./a.jpg", "title": "Cc"}]'),
    ):
        change()
        assert await look() == other
    assert len(set(seen)) == len(seen)


async def test_the_fingerprint_follows_who_may_read_a_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.jpg", b"1")
    beside = put(tmp_path, "a.jpg.json", b"{}")
    source = FolderSource("wall", tmp_path, header_of)
    (readable,) = await listed(source)
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, how: path != beside and may(path, how))
    (closed,) = await listed(source)
    assert closed.fingerprint != readable.fingerprint


async def test_a_gallery_that_may_not_be_read_is_a_sentence_without_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.jpg", b"1")
    gallery = put(tmp_path, "gallery.json", b"[]")
    opened = Path.open

    def refuse(path: Path, *args: Any) -> Any:
        if path == gallery:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\)") as raised:
        await listed(FolderSource("wall", tmp_path, header_of))
    assert str(tmp_path) not in str(raised.value)


async def test_a_file_that_is_too_long_is_recorded(tmp_path: Path) -> None:
    put(tmp_path, "big.jpg", b"x" * 101)
    source = FolderSource("wall", tmp_path, header_of, max_bytes=100)
    (item,) = await listed(source)
    assert isinstance(item, Skipped)
    assert (item.reason, bool(item.fingerprint)) == ("file too long", True)
    with pytest.raises(BadPicture) as caught:
        await source.fetch(Listed("big.jpg"), wanted_px=100)
    assert caught.value.reason == "file too long"


async def test_an_unreadable_folder_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "locked/b.jpg")
    source = FolderSource("wall", tmp_path, header_of)
    scandir = os.scandir  # permissions do not stop the superuser, so the call itself refuses

    def refusing(path: Path) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "no")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert (await keys(source), source.lists_everything) == (["a.jpg", "locked/"], True)


@pytest.mark.parametrize(
    ("name", "key"),
    [(b"caf\xe9.jpg", "caf\\udce9.jpg"), (b"caf\xe9/a.jpg", "caf\\udce9/")],
)
async def test_names_that_are_not_utf8_are_recorded(tmp_path: Path, name: bytes, key: str) -> None:
    """A folder as one: where it is watched, reading it would be told of, and end the watching."""
    try:
        put(tmp_path, os.fsdecode(name))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (item,) = await listed(FolderSource("wall", tmp_path, header_of))
    assert isinstance(item, Skipped)
    assert (item.key, item.reason) == (key, "name is not UTF-8")


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda path: None, "create it"),
        (lambda path: path.write_bytes(b""), "name the folder"),
    ],
)
async def test_a_missing_folder_says_what_to_do(tmp_path: Path, make: Any, advice: str) -> None:
    path = tmp_path / "Pictures"
    make(path)
    with pytest.raises(SourceError, match=advice) as caught:
        await listed(FolderSource("wall", path, header_of))
    assert "“Pictures” of the source “wall”" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


# -- fetching ----------------------------------------------------------------------------------


async def test_a_picture_is_identified_by_content_and_can_be_read_again(tmp_path: Path) -> None:
    data = picture()
    put(tmp_path, "one.jpg", data)
    put(tmp_path, "sub/two.jpg", data)
    source = FolderSource("wall", tmp_path, header_of)
    first, second = [
        await source.fetch(Listed(key), wanted_px=800) for key in ("one.jpg", "sub/two.jpg")
    ]
    assert first.artwork.id == second.artwork.id
    assert first.artwork.id == f"wall:{hashlib.sha256(data).hexdigest()[:16]}"
    assert (first.artwork.width, first.artwork.height) == (32, 24)
    assert first.artwork.source == "wall"
    assert await source.read(first.location) == first.data == data


async def test_the_length_of_a_file_is_taken_while_it_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    class Watched(Memory):
        def take(self, wanted_bytes: int) -> None:
            super().take(wanted_bytes)
            seen.append(wanted_bytes)

        def give_back(self, lent_bytes: int) -> None:
            super().give_back(lent_bytes)
            seen.append(-lent_bytes)

    monkeypatch.setattr(folder_module, "Memory", Watched)
    length, junk = put(tmp_path, "a.jpg").stat().st_size, b"no picture"
    put(tmp_path, "b.jpg", junk)

    def look(data: bytes) -> tuple[tuple[int, int], RawMetadata]:
        seen.append(0)
        return header_of(data)

    source = FolderSource("wall", tmp_path, look)
    await source.fetch(Listed("a.jpg"), wanted_px=800)
    with pytest.raises(BadPicture):
        await source.fetch(Listed("b.jpg"), wanted_px=800)
    assert seen == [length, 0, -length, len(junk), 0, -len(junk)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a picture"),
        (b"<!doctype html><title>404</title>", "not a picture"),
        (b'{"error": "no such picture"}', "not a picture"),
        (picture("#123456")[:200], "truncated"),
    ],
)
async def test_junk_is_a_bad_picture(tmp_path: Path, data: bytes, reason: str) -> None:
    put(tmp_path, "junk.jpg", data)
    with pytest.raises(BadPicture) as caught:
        await fetched(tmp_path, "junk.jpg")
    assert caught.value.reason in {reason, "broken"}


async def test_a_picture_that_is_seen_at_once_is_not_held(tmp_path: Path) -> None:
    data = picture()
    path = put(tmp_path, "a.jpg", data)
    source = FolderSource("wall", tmp_path, header_of, see=InProcess().see)
    found = await source.fetch(Listed("a.jpg"), wanted_px=800)
    assert (found.data, bytes_of(found)) == (b"", data)
    assert found.content_hash == hashlib.sha256(data).hexdigest()
    as_before = await FolderSource("wall", tmp_path, header_of).fetch(
        Listed("a.jpg"), wanted_px=800
    )
    assert (found.artwork, found.location) == (as_before.artwork, as_before.location)
    path.unlink()
    with pytest.raises((BadPicture, SourceError)):
        bytes_of(found)


@pytest.mark.parametrize("data", [b"no picture at all", b""])
async def test_junk_that_is_seen_at_once_is_a_bad_picture(tmp_path: Path, data: bytes) -> None:
    put(tmp_path, "a.jpg", data)
    source = FolderSource("wall", tmp_path, header_of, see=InProcess().see, max_bytes=20)
    with pytest.raises(BadPicture, match="not a picture"):
        await source.fetch(Listed("a.jpg"), wanted_px=800)
    put(tmp_path, "long.jpg", bytes(21))
    with pytest.raises(BadPicture, match="file too long"):
        await source.fetch(Listed("long.jpg"), wanted_px=800)


async def test_what_cannot_be_read_is_a_bad_picture(tmp_path: Path) -> None:
    put(tmp_path, "another.jpg")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    for key, reason in (
        ("gone.jpg", "vanished"),
        ("folder.jpg", "unreadable"),
        ("pipe.jpg", "unreadable"),
        ("nul\0.jpg", "unreadable"),
        ("", "unreadable"),
    ):
        with pytest.raises(BadPicture) as caught:
            await fetched(tmp_path, key)
        assert caught.value.reason == reason


# -- facts -------------------------------------------------------------------------------------

ENTRY = {
    "title": "Water Lilies", "artist": "Claude Monet", "date": "c. 1906", "medium": "oil",
    "credit": "A museum", "license": "CC0", "tags": "water, blue,water", "page_url":
    "https://example.org/1", "description": "A pond.", "year_from": "wrong", "other": [1],
}  # fmt: skip


@pytest.mark.parametrize("name", ["a.jpg.json", "a.json"])
async def test_a_sidecar_tells_the_facts(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, name, b"\xef\xbb\xbf" + json.dumps(ENTRY).encode())
    work = await fetched(tmp_path, "a.jpg")
    assert work.label == "“Water Lilies” by Claude Monet, c. 1906"
    assert (work.year_from, work.year_to, work.licence) == (1906, 1906, "CC0")
    assert work.tags == ("water", "blue")
    assert (work.page_url, work.description) == ("https://example.org/1", "A pond.")


@pytest.mark.parametrize("text", [b"{broken", b"[1]", b"\xff\xfe", b"[" * 100_000, b"null", b""])
async def test_a_broken_sidecar_does_not_cost_the_picture(tmp_path: Path, text: bytes) -> None:
    put(tmp_path, "Misty Hills.jpg")
    put(tmp_path, "Misty Hills.jpg.json", text)
    assert (await fetched(tmp_path, "Misty Hills.jpg")).title == "Misty Hills"


@pytest.mark.parametrize("name", ["a.jpg.json", "gallery.json"])
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sea", "wall:sea"),
        ("wall:sea", "wall:sea"),
        ("aic:16568", "wall:aic:16568"),
        ("starter:hills", "wall:starter:hills"),
        (":x", "wall::x"),
        ("WALL:x", "wall:WALL:x"),
    ],
)
async def test_no_file_beside_a_picture_names_another_sources_work(
    tmp_path: Path, name: str, given: str, kept: str
) -> None:
    put(tmp_path, "a.jpg")
    about = {"file": "a.jpg", "id": given}
    put(tmp_path, name, json.dumps([about] if name == "gallery.json" else about).encode())
    assert (await fetched(tmp_path, "a.jpg")).id == kept


@pytest.mark.parametrize("name", ["a.jpg.json", "a.json", "gallery.json"])
async def test_no_file_beside_a_picture_is_a_link_out_of_the_folder(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "folder"
    put(folder, "a.jpg")
    about = {"file": "a.jpg", "title": "A secret"}
    secret = put(tmp_path, "secret", json.dumps([about] if name[0] == "g" else about).encode())
    (before,) = await listed(FolderSource("wall", folder, header_of))
    (folder / name).symlink_to(secret)
    assert (await fetched(folder, "a.jpg")).title != "A secret"
    assert await listed(FolderSource("wall", folder, header_of)) == [before]
    (folder / name).unlink()
    put(folder, "real", secret.read_bytes())
    (folder / name).symlink_to("real")
    assert (await fetched(folder, "a.jpg")).title == "A secret"


async def test_what_turns_the_writing_around_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, "a\u202egpj.jpg")
    (item,) = await listed(FolderSource("wall", tmp_path, header_of))
    title = (await fetched(tmp_path, item.key)).title
    assert title.isprintable()


async def test_a_gallery_describes_its_whole_folder(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", picture("#111111"))
    put(tmp_path, "sub/b.jpg", picture("#222222"))
    put(tmp_path, "c.jpg", picture("#333333"))
    gallery = [
        {"file": "a.jpg", "id": "starter:hills", "title": "Hills", "year_from": 2026},
        {"file": "sub/b.jpg", "id": "sea", "title": "Sea", "artist": "N. N."},
        {"file": "c.jpg", "id": "no good id"},
    ]
    put(tmp_path, "gallery.json", json.dumps(gallery).encode())
    put(tmp_path, "a.json", b'{"title": "Dunes"}')
    assert await keys(FolderSource("wall", tmp_path, header_of)) == ["a.jpg", "c.jpg", "sub/b.jpg"]
    first = await fetched(tmp_path, "a.jpg")
    assert (first.id, first.title, first.date) == ("wall:starter:hills", "Dunes", "2026")
    assert (await fetched(tmp_path, "sub/b.jpg")).id == "wall:sea"
    assert (await fetched(tmp_path, "c.jpg")).id.startswith("wall:")


@pytest.mark.parametrize("text", [b"{", b"{}", b'["a.jpg"]', b'[{"title": "x"}]'])
async def test_a_broken_gallery_is_an_error_of_the_source(tmp_path: Path, text: bytes) -> None:
    put(tmp_path, "a.jpg")
    put(tmp_path, "gallery.json", text)
    with pytest.raises(SourceError, match=r"gallery\.json .* mend it"):
        await listed(FolderSource("wall", tmp_path, header_of))


def xmp(body: str, head: str = "") -> bytes:
    return (
        f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'photoshop:DateCreated="1889-01-01">{body}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


TITLE = (
    '<dc:title><rdf:Alt><rdf:li xml:lang="nl">De sterrennacht</rdf:li>'
    '<rdf:li xml:lang="x-default">The Starry Night</rdf:li></rdf:Alt></dc:title>'
)
MORE = (
    "<dc:creator><rdf:Seq><rdf:li>Vincent van Gogh</rdf:li></rdf:Seq></dc:creator>"
    "<dc:subject><rdf:Bag><rdf:li>night</rdf:li><rdf:li>stars</rdf:li></rdf:Bag></dc:subject>"
)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
async def test_xmp_tells_the_facts(tmp_path: Path, fmt: str) -> None:
    if fmt == "PNG":
        from PIL.PngImagePlugin import PngInfo

        chunk = PngInfo()
        chunk.add_itxt("XML:com.adobe.xmp", xmp(TITLE + MORE).decode())
        data = picture(fmt=fmt, pnginfo=chunk)
    else:
        data = picture(fmt=fmt, xmp=xmp(TITLE + MORE))
    put(tmp_path, "IMG_1.jpg", data)
    work = await fetched(tmp_path, "IMG_1.jpg")
    assert work.label == "“The Starry Night” by Vincent van Gogh, 1889"
    assert work.tags == ("night", "stars")


def test_the_work_shown_outranks_the_photograph_of_it() -> None:
    bag = (
        '<ext:ArtworkOrObject><rdf:Bag><rdf:li rdf:parseType="Resource">'
        '<ext:AOTitle><rdf:Alt><rdf:li xml:lang="x-default">Sunflowers</rdf:li></rdf:Alt>'
        "</ext:AOTitle><ext:AODateCreated>1888</ext:AODateCreated></rdf:li></rdf:Bag>"
        "</ext:ArtworkOrObject>"
    )
    facts = embedded_facts(RawMetadata(xmp=xmp(TITLE + bag)))
    assert (facts.title, facts.date, facts.year_from) == ("Sunflowers", "1888", 1888)


def test_xmp_with_entities_or_rubbish_is_passed_over() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    for packet in (xmp(TITLE, bomb), b"<x", b"\xff\xfe<\x00x\x00/\x00>\x00", b"<a>&nbsp;</a>"):
        assert embedded_facts(RawMetadata(xmp=packet)) == Facts()


def test_iptc_tells_the_facts() -> None:
    raw = RawMetadata(
        iptc={
            (2, 5): [b"Caf\xc3\xa9"], (2, 80): [b"A. Painter"], (2, 55): [b"19060101"],
            (2, 116): [b"\xa9 me"], (2, 25): [b"one", b"two"],
        }
    )  # fmt: skip
    facts = embedded_facts(raw)
    assert (facts.title, facts.artist, facts.date) == ("Café", "A. Painter", "1906")
    assert (facts.licence, facts.tags) == ("© me", ("one", "two"))


async def test_exif_fills_gaps_and_dates_only_photographs(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "A misty morning", "Ann Photographer"
    exif.get_ifd(0x8769)[0x9003] = "2014:05:06 07:08:09"
    data = picture(exif=exif)
    put(tmp_path, "IMG_1234.jpg", data)
    put(tmp_path, "claude-monet_water-lilies_1906.jpg", data)
    put(tmp_path, "b.jpg", data)
    put(tmp_path, "b.json", b'{"artist": "Claude Monet"}')
    own = await fetched(tmp_path, "IMG_1234.jpg")
    assert own.label == "“A misty morning” by Ann Photographer, 6 May 2014"
    assert own.year_from == 2014
    named = await fetched(tmp_path, "claude-monet_water-lilies_1906.jpg")
    assert named.label == "“Water Lilies” by Claude Monet, 1906"
    beside = await fetched(tmp_path, "b.jpg")
    assert (beside.artist, beside.date) == ("Claude Monet", None)


@pytest.mark.parametrize(
    ("name", "title", "artist", "date"),
    [
        ("claude-monet_water-lilies_1906.jpg", "Water Lilies", "Claude Monet", "1906"),
        ("vincent-van-gogh_the-night-1889(1).jpg", "The Night", "Vincent van Gogh", "1889"),
        ("Claude Monet - Water Lilies (1906).jpg", "Water Lilies", "Claude Monet", "1906"),
        ("Rembrandt – Night Watch, 1642.tif", "Night Watch", "Rembrandt", "1642"),
        ("Jan_Steen_-_Feast_-_Google_Art_Project.jpg", "Feast", "Jan Steen", None),
        ("Mona_Lisa,_by_Leonardo,_from_C2RMF.jpg", "Mona Lisa", "Leonardo", None),
        ("The Great Wave (c. 1831).jpg", "The Great Wave", None, "c. 1831"),
        ("stormy_sea-1875.png", "Stormy Sea", None, "1875"),
        ("deep/er/sunset-over-the-lake-1920x1080.jpg", "Sunset over the Lake", None, None),
        ("hokusai_the-great-wave.jpg", "Hokusai the Great Wave", None, None),
        ("Self-Portrait.jpg", "Self-Portrait", None, None),
        ("Caf%C3%A9_Terrace.jpg", "Café Terrace", None, None),
        ("1906.jpg", "1906", None, None),
        ("IMG_1234.JPG", None, None, None),
        ("PXL_20230514_101112.jpg", None, None, None),
        ("3f2504e04f8941d3.jpg", None, None, None),
        ("___.jpg", None, None, None),
    ],
)
def test_file_names_become_words(
    name: str, title: str | None, artist: str | None, date: str | None
) -> None:
    facts = facts_from_name(name)
    assert (facts.title, facts.artist, facts.date) == (title, artist, date)
    if date:
        assert facts.year_from == int(date[-4:])


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_file_name_gives_one_printable_line(name: str) -> None:
    facts = facts_from_name(name + ".jpg")
    for text in (facts.title, facts.artist, facts.date):
        assert text is None or (text == " ".join(text.split()) and 0 < len(text) <= 300)
        assert text is None or text.encode()
    Artwork(id="wall:x", title=facts.title or "Untitled", year_from=facts.year_from)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*ENTRY, "id", "year_to", "licence"]), ANY_JSON))
def test_any_sidecar_gives_facts_that_an_artwork_takes(content: dict[str, Any]) -> None:
    facts = facts_from(content)
    Artwork(id="wall:x", year_from=facts.year_from, year_to=facts.year_to, tags=facts.tags)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.dictionaries(st.integers(0, 130), st.binary(max_size=30)))
def test_any_embedded_bytes_give_facts(packet: bytes, datasets: dict[int, bytes]) -> None:
    raw = RawMetadata(xmp=packet, iptc={(2, n): [value] for n, value in datasets.items()})
    assert isinstance(embedded_facts(raw), Facts)
