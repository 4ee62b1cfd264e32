"""The National Gallery of Art's open data files, against a loopback server."""

from __future__ import annotations

import pytest

from glance_agent.domain.errors import SourceError
from glance_agent.domain.items import Listed
from glance_agent.sources.museums.nga import Nga, NgaSettings
from glance_agent.sources.web.web import Web
from tests.sources.fake_museum import Clock, FakeMuseum, all_items, all_pages, jpeg, visit_of

OBJECTS = '''objectid,title,displaydate,beginyear,endyear,medium,attribution,creditline,\
classification
17,"Procession, with ""Dogs""",c. 1640,1635,1645,oil on canvas,Ada Brook,Gift,Painting
9,Untitled,1975,1975,1975,oil,Living Artist,Gift,Painting
30,Lid,c. 300 BC,-325,-275,bronze,,,Painting
40,Sheet,1700,1700,1700,pen,Somebody,,Drawing
x,broken
50,No picture,1700,1700,1700,oil,Somebody,,Painting
'''


def pictures(museum: FakeMuseum) -> str:
    def line(of: int, view: str, is_open: str, text: str = "") -> str:
        url = f"{museum.base}/iiif/{of}-{view}"
        return f'{of}{view},{url},{url}/thumb,{view},0,3365,4332,,{is_open},,,{of},"{text}"\n'

    head = "uuid,iiifurl,iiifthumburl,viewtype,sequence,width,height,maxpixels,openaccess,created,"
    lines = [
        line(17, "alternate", "1"),
        line(17, "primary", "1", 'A drawing, ""sketched"" in\nbrown ink'),
        line(9, "primary", "0"),
        line(30, "primary", ""),
        line(40, "primary", "1"),
    ]
    return head + "modified,depictstmsobjectid,assistivetext\n" + "".join(lines)


def serve(museum: FakeMuseum) -> None:
    museum.body("/objects.csv", OBJECTS.encode(), "text/plain", ETag='"a"')
    museum.body("/published_images.csv", pictures(museum).encode(), "text/plain", ETag='"b"')


def source(museum: FakeMuseum, client: Web, kind: str = "Painting") -> Nga:
    chosen = NgaSettings(name="test", kind="nga", classification=kind)
    return Nga(chosen, visit_of(client), api=museum.base)


async def test_two_files_make_works(museum: FakeMuseum, client: Web) -> None:
    serve(museum)
    nga = source(museum, client)
    closed, work, unknown = await all_items(nga)
    assert getattr(closed, "reason", "") == "licence not open"
    assert getattr(unknown, "reason", "") == "licence unknown"
    assert isinstance(work, Listed)
    assert work.artwork is not None
    assert work.artwork.label == '“Procession, with "Dogs"” by Ada Brook, c. 1640'
    assert work.artwork.description == 'A drawing, "sketched" in brown ink'
    assert (work.artwork.licence, work.artwork.year_from, work.artwork.width) == (
        "CC0-1.0",
        1635,
        3365,
    )
    museum.picture("/iiif/17-primary/full/397,/0/default.jpg", jpeg(40, 51))
    museum.picture("/iiif/17-primary/full/1590,/0/default.jpg", jpeg(159, 204))
    fetched = await nga.fetch(work, wanted_px=512)
    assert fetched.data == jpeg(40, 51)
    assert await nga.read(fetched.location) == jpeg(159, 204)


async def test_it_goes_on_after_the_cursor(museum: FakeMuseum, client: Web) -> None:
    serve(museum)
    nga = source(museum, client, "")
    assert [item.key for item in await all_items(nga)] == ["9", "17", "30", "40"]
    assert [item.key for item in await all_items(nga, "17")] == ["30", "40"]
    [page] = await all_pages(nga, "99")
    assert (page.items, page.next_cursor, page.total) == ((), None, 4)


async def test_the_files_are_asked_for_once_a_month(
    museum: FakeMuseum, client: Web, clock: Clock
) -> None:
    serve(museum)
    nga = source(museum, client)
    await all_items(nga)
    await all_items(nga)
    assert museum.paths["/objects.csv"] == 1
    clock.now += 31 * 86_400
    museum.body("/objects.csv", b"", "text/plain", 304)
    assert len(await all_items(nga)) == 3
    assert museum.asked[-2].headers["If-None-Match"] == '"a"'
    assert museum.paths["/objects.csv"] == 2


async def test_a_page_instead_of_a_file(museum: FakeMuseum, client: Web) -> None:
    museum.body("/objects.csv", b"<html>no</html>", "text/html")
    with pytest.raises(SourceError, match="web page instead of data"):
        await all_items(source(museum, client))
    museum.body("/objects.csv", b"\x00\xff,objectid\n" * 9, "text/plain")
    museum.body("/published_images.csv", b"\n\n", "text/plain")
    assert await all_items(source(museum, client)) == []
