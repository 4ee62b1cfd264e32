"""Some three hundred files: each kind, name, label, colour and place that people's folders have."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import count, product
from typing import Final

import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin

from glance_agent.sources.folders.kinds import is_picture
from tools.campaigns.own_pictures.case import (
    Case,
    Colour,
    Expected,
    clicked,
    encoded,
    upright,
    with_iptc,
    xmp,
)

_FORMS: Final = {
    "jpg": "JPEG", "JPEG": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP",
    "tif": "TIFF", "avif": "AVIF", "jp2": "JPEG2000", "ppm": "PPM", "tga": "TGA", "ico": "ICO",
}  # fmt: skip
_NAMES: Final = (
    ("Claude Monet - Water Lilies (1906)", "Water Lilies", "Claude Monet", "1906"),
    ("claude-monet_water-lilies_1906", "Water Lilies", "Claude Monet", "1906"),
    ("Vermeer, Johannes - The Milkmaid (c.1665)", "The Milkmaid", "Johannes Vermeer", "c.1665"),
    ("Claude Monet - Lilies - Copy", "Lilies", "Claude Monet", None),
    ("Sunset - edited", "Sunset", None, None),
    ("Sunset (1)", "Sunset", None, None),
    ("Sunset - Kopie (2)", "Sunset", None, None),
    ("Sunset-bearbeitet", "Sunset", None, None),
    ("Copy of Sunset", "Sunset", None, None),
    ("IMG_2034", "Names", None, None),
    ("DSC_0001", "Names", None, None),
    ("IMG_2034 Oma im Garten", "Oma im Garten", None, None),
    ("IMG_20190704_101112", "Untitled, 4 July 2019", None, "2019-07-04"),
    ("PXL_20230514_101112345", "Untitled, 14 May 2023", None, "2023-05-14"),
    ("IMG-20190704-WA0001", "Untitled, 4 July 2019", None, "2019-07-04"),
    ("WhatsApp Image 2023-05-14 at 10.11.12", "Untitled, 14 May 2023", None, "2023-05-14"),
    ("2019-07-04 10.11.12", "Untitled, 4 July 2019", None, "2019-07-04"),
    ("Screenshot_20240102-030405", "Untitled, 2 January 2024", None, "2024-01-02"),
    ("3f2504e04f8941d3", "Names", None, None),
    ("3F2504E0-4F89-11D3-9A0C-0305E82C3301_1_105_c", "Names", None, None),
    ("IMG_E1234", "Names", None, None),
    ("WhatsApp Bild 2023-05-14 um 10.11.12", "Untitled, 14 May 2023", None, "2023-05-14"),
    ("WIN_20190704_10_11_12_Pro", "Untitled, 4 July 2019", None, "2019-07-04"),
    ("20190704_101112~2", "Untitled, 4 July 2019", None, "2019-07-04"),
    ("2019-07-04 - Oma im Garten 012", "Oma im Garten", None, "2019-07-04"),
    ("Immagine 012", "Names", None, None),
    ("unnamed (1)", "Names", None, None),
)
_DEVICES: Final = ("iphone", "DCIM/100APPLE", "Camera Roll", "WhatsApp Images", "Screenshots")
_NOT_THEIRS: Final = (
    "@eaDir/a.jpg", "@Recycle", "@__thumb", "@Recently-Snapshot/day", "#recycle", "#snapshot/GMT",
    "$RECYCLE.BIN/S-1-5", "System Volume Information", "lost+found", ".Trash-1000/files",
    ".thumbnails", "__MACOSX",
)  # fmt: skip
_UNREAD: Final = ("heic", "HEIF", "hif", "jxl", "svg", "psd", "xcf", "exr", "cr2", "CR3", "nef",
                  "arw", "dng", "orf", "rw2", "raf")  # fmt: skip
_IPTC: Final = (
    ("cp1252", b"", "Rue de l’Été – soir", "Œuvre Šimek"),
    ("cp1252", b"\x1b.A", "Rue de l’Été – soir", "Œuvre Šimek"),
    ("utf-8", b"", "Rue de l’Été – soir", "Œuvre Šimek"),
    ("utf-8", b"\x1b%G", "Žluťoučký kůň", "Josef Čapek"),
    ("cp1251", b"", "Закат над морем", "Иван Шишкин"),
    ("cp932", b"", "海に沈む夕日と富士山", "北斎"),
    ("cp1253", b"", "Ηλιοβασίλεμα στη θάλασσα", "Νίκος"),
)
_TURNS: Final = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip
"""What a camera did to an upright picture before it wrote this orientation."""
_seeds = count(1)


def corpus() -> Iterator[Case]:
    """Every file once."""
    yield from _kinds()
    yield from _turned()
    yield from _named()
    yield from _takeout()
    yield from _labelled()
    yield from _exported()
    yield from _coloured()
    yield from _odd()
    yield from _not_theirs()
    yield from _left_out()


def _picture(form: str = "JPEG", shape: str = "landscape", **options: object) -> bytes:
    return encoded(upright(shape, seed=next(_seeds)), form, **options)


def _kinds() -> Iterator[Case]:
    for (suffix, form), shape in product(_FORMS.items(), ("landscape", "portrait", "square")):
        expected = Expected(f"A {shape} Sea", orientation=shape)
        yield Case(
            "kinds", f"kinds/{suffix}/A {shape} Sea.{suffix}", _picture(form, shape), expected
        )
    for shape in ("landscape", "portrait"):
        for phone, data in _moving(_picture("JPEG", shape)):
            expected = Expected("Moving", orientation=shape)
            yield Case("kinds", f"kinds/{phone}-{shape}/Moving.jpg", data, expected)
        out, second = BytesIO(), upright(shape, (0, 0, 0), next(_seeds))
        first = upright(shape, seed=next(_seeds))
        first.save(out, "MPO", save_all=True, append_images=[second], quality=95)
        expected = Expected("Stereo", orientation=shape)
        yield Case("kinds", f"kinds/stereo-{shape}/Stereo.mpo", out.getvalue(), expected)


def _moving(jpeg: bytes) -> Iterator[tuple[str, bytes]]:
    """The picture with its film behind it, as phones write them; films hold anything."""
    film = b"\0\0\0\x18ftypmp42" + jpeg[:400] + b"\xff\xda\0\x0c" + bytes(5_000)
    yield "film", jpeg + film
    name = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + film
    table = b"SEFH" + struct.pack("<IIHHII", 106, 1, 0, 0x0A30, len(name), len(name))
    yield "samsung", jpeg + name + table + struct.pack("<I", len(table)) + b"SEFT"
    told = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1" '
        f'GCamera:MicroVideoOffset="{len(film)}"/></rdf:RDF></x:xmpmeta>'
    )
    body = b"http://ns.adobe.com/xap/1.0/\0" + told.encode()
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    yield "google", jpeg[:2] + segment + jpeg[2:] + film


def _turned() -> Iterator[Case]:
    for (orientation, turn), form in product(
        _TURNS.items(), ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
    ):
        image, exif = upright(seed=next(_seeds)), Image.Exif()
        exif[0x0112] = orientation
        stored = image if turn is None else image.transpose(turn)
        key = f"turned/{form}/Hill number{'x' * orientation}.{form.lower()}"
        data = encoded(stored, form, exif=exif)
        yield Case("turned", key, data, Expected(f"Hill number{'x' * orientation}"))


def _named() -> Iterator[Case]:
    for (name, title, artist, date), suffix in product(_NAMES, ("jpg", "png", "webp")):
        expected = Expected(title, artist, date)
        yield Case("named", f"Names/{name}.{suffix}", _picture(_FORMS[suffix]), expected)
    for folder in _DEVICES:
        yield Case("named", f"{folder}/IMG_2034.jpg", _picture(), Expected("Untitled"))
        yield Case("named", f"Rome/{folder}/IMG_2034.jpg", _picture(), Expected("Rome"))


def _takeout() -> Iterator[Case]:
    told = {
        "description": "Oma im Garten", "people": [{"name": "Oma"}],
        "photoTakenTime": {"timestamp": "1561820000"}, "url": "https://photos.example.org/x",
    }  # fmt: skip
    numbers = count(100)
    for beside, day in product(
        ("{0}.json", "{0}.supplemental-metadata.json", "{0}.supplemental-metadata.json edited",
         "{0}.json numbered", "{0}.supplemental-metadata.json numbered"),
        (None, "2019:06:29", "2019:06:30", "2001:01:01"),
    ):  # fmt: skip
        name, (pattern, _, way) = f"IMG_{next(numbers)}", beside.partition(" ")
        own, again = (f"{name}(1)", "(1)") if way == "numbered" else (name, "")
        file = f"{own}-edited.jpg" if way == "edited" else f"{own}.jpg"
        json_name = pattern.format(f"{name}.jpg").replace(".json", f"{again}.json")
        expected = "2019-06-30" if day == "2019:06:30" else "2019-06-29"
        title = f"Untitled, {expected[-2:]} June 2019"
        data = _picture(exif=clicked(day)) if day else _picture()
        content = json.dumps({"title": f"{name}.jpg", **told}).encode()
        yield Case("takeout", f"takeout/{file}", data, Expected(title, date=expected),
                   {f"takeout/{json_name}": content})  # fmt: skip


def _labelled() -> Iterator[Case]:
    for n, (encoding, mark, title, artist) in enumerate(_IPTC):
        datasets = [(2, 5, title.encode(encoding)), (2, 80, artist.encode(encoding))]
        marked = [(1, 90, mark), *datasets] if mark else datasets
        data = with_iptc(_picture(), marked)
        yield Case("iptc", f"labels/IMG_{n}.jpg", data, Expected(title, artist))
    told = "<dc:title><rdf:Alt><rdf:li>At the lake</rdf:li></rdf:Alt></dc:title>"
    dated = "<photoshop:DateCreated>1889-01-01</photoshop:DateCreated>"
    for n, (suffix, form) in enumerate(_FORMS.items(), 20):
        for whole in (True, False):
            key = f"labels/{'whole' if whole else 'stem'}/IMG_{n}"
            beside = f"{key}.{suffix}.xmp" if whole else f"{key}.xmp"
            expected = Expected("At the lake", date="1889")
            yield Case(
                "xmp", f"{key}.{suffix}", _picture(form), expected, {beside: xmp(told + dated)}
            )
    for n, form in enumerate(("JPEG", "PNG", "WEBP", "TIFF"), 50):
        exif = clicked("2019:07:04")
        exif[0x9C9B], exif[0x9C9D] = "Am See\0".encode("utf-16-le"), "Änne\0".encode("utf-16-le")
        day = None if form == "TIFF" else "2019-07-04"  # Pillow writes no second directory there
        expected = Expected("Am See", "Änne", day)
        yield Case("exif", f"labels/IMG_{n}.{form.lower()}", _picture(form, exif=exif), expected)


def _exported() -> Iterator[Case]:
    """What programs write beside pictures, and in them, that they export."""
    title = "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li></rdf:Alt></dc:title>"
    dated = "<photoshop:DateCreated>2019-07-04T10:11:12+02:00</photoshop:DateCreated>"
    by = "<dc:creator><rdf:Seq><rdf:li>Ann Field</rdf:li></rdf:Seq></dc:creator>"
    tree = (
        "<digiKam:TagsList><rdf:Seq><rdf:li>Places/Italy/Como</rdf:li><rdf:li>People/Oma</rdf:li>"
        "</rdf:Seq></digiKam:TagsList><lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|Italy|Como"
        "</rdf:li></rdf:Bag></lr:hierarchicalSubject><xmp:Rating>5</xmp:Rating>"
    )
    day, untitled = "2019-07-04", "Untitled, 4 July 2019"
    for n in range(100, 103):  # Apple Photos: unmodified originals, and a phone's own edits
        at = f"apple/IMG_0{n}"
        beside = {f"{at}.xmp": xmp(title.format(f"Lake {n}") + dated), f"{at}.AAE": b"<plist/>",
                  f"{at}.mov": b"film"}  # fmt: skip
        yield Case("exported", f"{at}.JPG", _photo(), Expected(f"Lake {n}", date=day), beside)
        edit = f"apple/IMG_E0{n}.JPG"
        yield Case("exported", edit, _photo(), Expected(untitled, date=day),
                   {f"apple/IMG_O0{n}.AAE": b"<plist/>"})  # fmt: skip
    for n in range(200, 203):
        expected = Expected(f"Lake {n}", "Ann Field", day, "portrait")
        facts = xmp(title.format(f"Lake {n}") + dated + by + tree)
        turned = _photo("portrait", turn=6)
        yield Case("exported", f"digikam/IMG_{n}.jpg", turned, expected,
                   {f"digikam/IMG_{n}.jpg.xmp": facts})  # fmt: skip
        inside = _photo("portrait", turn=8, xmp=facts)
        yield Case("exported", f"lightroom/IMG_{n}-Edit.jpg", inside, expected)


def _photo(shape: str = "landscape", turn: int = 1, **options: object) -> bytes:
    """A JPEG of a camera that was held so, and clicked on 4 July 2019."""
    exif, way = clicked("2019:07:04"), _TURNS[turn]
    exif[0x0112] = turn
    image = upright(shape, seed=next(_seeds))
    return encoded(image.transpose(way) if way else image, "JPEG", exif=exif, **options)


def _coloured() -> Iterator[Case]:
    soft = (180, 120, 60)

    def png(*chunks: tuple[bytes, bytes]) -> bytes:
        found = PngImagePlugin.PngInfo()
        for name, content in chunks:
            found.add(name, content)
        return encoded(upright(colour=soft, seed=next(_seeds)), "PNG", pnginfo=found)

    def adobe(space: int, index: str) -> bytes:
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0xA001] = space
        exif.get_ifd(0x8769)[0xA005] = {1: index}
        return encoded(upright(colour=soft, seed=next(_seeds)), "JPEG", exif=exif)

    shown: list[tuple[str, bytes, Colour]] = [
        ("Adobe.jpg", adobe(0xFFFF, "R03"), (199, 121, 53)),
        ("Adobe too.jpg", adobe(2, "R03"), (199, 121, 53)),
        ("Plain.jpg", adobe(1, "R98"), soft),
        ("Linear.png", png((b"gAMA", struct.pack(">I", 100_000))), (219, 182, 133)),
        ("Usual.png", png((b"gAMA", struct.pack(">I", 45_455))), soft),
        ("Named.png", png((b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 100_000))), soft),
        ("Phone.png", png((b"cICP", bytes((12, 13, 0, 1)))), (190, 117, 45)),
        ("Wide.png", png((b"cICP", bytes((9, 13, 0, 1)))), (210, 110, 42)),
    ]
    for name, data, colour in shown:
        yield Case("colours", f"colours/{name}", data, Expected(name[:-4], colour=colour))


def _odd() -> Iterator[Case]:
    base = upright(seed=next(_seeds))
    for mode, form in (("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG"), ("RGBA", "PNG"),
                       ("RGBA", "WEBP"), ("RGBA", "TIFF"), ("YCbCr", "TIFF")):  # fmt: skip
        key = f"odd/Of {mode} in {form}.{form.lower()}"
        yield Case("odd", key, encoded(base.convert(mode), form), Expected(f"Of {mode} in {form}"))
    for depth, top in ((np.uint16, 65_535), (np.int32, 65_535), (np.float32, 1.0)):
        grey = np.full((64, 96), top * 0.5).astype(depth)
        grey[:, 90:] = top
        name = f"Of depth {np.dtype(depth).name}"
        data = encoded(Image.fromarray(grey), "TIFF")
        yield Case("odd", f"odd/{name}.tif", data, Expected(name, colour=(128, 128, 128)))
    pages = BytesIO()
    base.save(pages, "TIFF", save_all=True, append_images=[upright("portrait", (0, 0, 0))])
    yield Case("odd", "odd/Of pages.tif", pages.getvalue(), Expected("Of pages"))
    yield Case("odd", "odd/Of a scan.tif", _scan(), Expected("Of a scan"))


def _scan() -> bytes:
    """A TIFF that begins with its thumbnail, and ends with a mask for dust."""
    whole, out = upright(seed=next(_seeds)), BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as pages:
        for page, kind in (
            (upright(colour=(0, 0, 0)).reduce(4), 1),
            (whole, 0),
            (whole.convert("L"), 4),
        ):
            page.save(pages, "TIFF", tiffinfo={254: kind})
            pages.newFrame()
    return out.getvalue()


def _not_theirs() -> Iterator[Case]:
    for folder, name in product(_NOT_THEIRS, ("holiday.jpg", "SYNOPHOTO_THUMB_M.png", "q.webp")):
        form = {"jpg": "JPEG", "png": "PNG"}.get(name[-3:], "WEBP")
        yield Case("not theirs", f"{folder}/{name}", _picture(form), None)
        yield Case("not theirs", f"deep/{folder}/{name}", _picture(form), None)
    for mark in (".nomedia", ".noimage"):
        key = f"marked{mark}/p.jpg"
        yield Case("not wanted", key, _picture(), None, {f"marked{mark}/{mark}": b""})
    yield Case(
        "not wanted", "ignored/old/p.jpg", _picture(), None, {"ignored/.glanceignore": b"old/"}
    )
    yield Case("not wanted", "ignored/Kept.jpg", _picture(), Expected("Kept"))


def _left_out() -> Iterator[Case]:
    for suffix in _UNREAD:
        read = is_picture(f"IMG_1.{suffix}")
        reason = "not a picture" if read else "unknown kind"  # HEIC has an extra
        yield Case("unread", f"unread/IMG_1.{suffix}", b"x", reason)
    for suffix in ("jpg.gpg", "png.age", "HEIC.gpg"):
        yield Case("encrypted", f"unread/safe.{suffix}", b"x", "encrypted")
    whole = _picture()
    yield Case("broken", "broken/letter.jpg", b"Dear Vincent", "not a picture")
    yield Case("broken", "broken/empty.jpg", b"", "not a picture")
    yield Case("broken", "broken/half.jpg", whole[: len(whole) // 2], "truncated")
    large = encoded(upright(seed=next(_seeds)).resize((960, 640)), "JPEG")
    torn = large[: len(large) * 97 // 100]
    yield Case("broken", "broken/Torn.jpg", torn, Expected("Torn"))
    filled = large[:-900].ljust(len(large), b"\0")
    yield Case("broken", "broken/Filled up.jpg", filled, Expected("Filled up"))
    for name, link in (("out.jpg", "/etc/hostname"), ("gone.jpg", "nowhere.jpg"), ("up", "/usr")):
        yield Case("links", f"links/{name}", b"", "link not followed", link=link)
    for key in ("notes.txt", "film.mp4", "a.json"):
        yield Case("no picture", f"others/{key}", b"{}", None)
