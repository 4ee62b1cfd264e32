"""A work and its picture, put together."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import Fetched, Listed
from glance_agent.pictures.prepare import Preparation, prepared


def test_a_source_that_tells_no_size_has_that_of_the_picture() -> None:
    data = BytesIO()
    Image.new("RGB", (40, 50), "#204080").save(data, "PNG")
    found = Preparation(Image.new("RGB", (40, 50)), (40, 50), ("#204080",), None)
    for told, kept in (({}, (40, 50)), ({"width": 4000, "height": 5000}, (4000, 5000))):
        artwork = Artwork(id="a:1", title="Sea", source="a", **told)
        work = prepared(Listed("1", "1", artwork), Fetched(artwork, data.getvalue(), "x"), found)
        assert (work.artwork.width, work.artwork.height) == kept
