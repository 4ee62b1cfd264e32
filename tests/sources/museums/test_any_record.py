"""Any JSON of the right outer shape gives works or recorded skips, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glance_agent.domain.items import Listed, Skipped
from glance_agent.sources.museums import (
    aic,
    cleveland,
    europeana,
    harvard,
    met,
    rijksmuseum,
    smithsonian,
    smk,
    vam,
    wikimedia,
)
from glance_agent.sources.records.iiif_image import renditions, service_of
from glance_agent.sources.records.iiif_manifest import (
    canvases,
    document_kind,
    manifest_entry,
    members,
)
from glance_agent.sources.records.record import Record, taken
from tests.sources.fake_museum import FakeMuseum
from tests.sources.museums import (
    test_aic,
    test_cleveland,
    test_iiif,
    test_met,
    test_rijksmuseum,
    test_smk,
    test_terms,
    test_wikimedia,
)
from tests.sources.records.test_plain import JSON

HERE = FakeMuseum(base="https://museum.example")
Reader = Callable[[Any], Record]
READERS: dict[str, tuple[Reader, dict[str, Any]]] = {
    "cleveland": (cleveland.entry_of, test_cleveland.record(HERE, 1)),
    "smk": (smk.entry_of, test_smk.record(HERE)),
    "met": (met.entry_of, test_met.record(HERE, 1)),
    "aic": (aic.entry_of, test_aic.record(1)),
    "rijksmuseum": (rijksmuseum.entry_of, test_rijksmuseum.work(HERE)),
    "wikimedia": (
        partial(wikimedia.entry_of, thumbnails=f"{HERE.base}/"),
        test_wikimedia.file(HERE),
    ),
    "harvard": (partial(harvard.entry_of, terms_accepted=True), test_terms.harvard_record(HERE)),
    "smithsonian": (smithsonian.entry_of, test_terms.smithsonian_row(HERE, "CC0")),
    "europeana": (
        partial(europeana.entry_of, hosts=frozenset({"museum.example"})),
        test_terms.europeana_item(HERE),
    ),
    "vam": (
        partial(vam.entry_of, terms_accepted=True),
        {"systemNumber": "O1", "_images": {"_iiif_image_base_url": f"{HERE.base}/a/"}},
    ),
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", 0, -1, "1e9", "NaN", [], {}, [None], [[]], [{}], "<i>", "\ud800"]
)


def spoilt(value: Any) -> st.SearchStrategy[Any]:
    """The value with any of its parts replaced by something else, or missing."""
    if isinstance(value, dict):
        kept = st.fixed_dictionaries({}, optional={k: spoilt(v) for k, v in value.items()})
        return st.just(value) | kept | ODD
    if isinstance(value, list) and value:
        return st.just(value) | st.lists(spoilt(value[0]), max_size=3) | ODD
    return st.just(value) | ODD | JSON


def check(item: Listed | Skipped) -> None:
    assert item.key
    if isinstance(item, Skipped):
        assert item.reason
        return
    assert item.artwork is not None
    assert item.artwork.licence
    assert item.images
    item.artwork.model_dump_json().encode()


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_record_is_taken_or_skipped(kind: str, data: st.DataObject) -> None:
    read, sample = READERS[kind]
    check(taken("test", read(data.draw(spoilt(sample)))))


@pytest.mark.parametrize("kind", READERS)
def test_the_unspoilt_record_is_taken(kind: str) -> None:
    read, sample = READERS[kind]
    assert isinstance(taken("test", read(sample)), Listed)


MANIFESTS = {"v3": test_iiif.manifest_3(HERE), "v2": test_iiif.manifest_2(HERE)}


@pytest.mark.parametrize("version", MANIFESTS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_manifest_is_read(version: str, data: st.DataObject) -> None:
    document = data.draw(spoilt(MANIFESTS[version]))
    assert document_kind(document) in ("manifest", "collection", "image", "")
    members(document)
    manifest_entry(document, "https://museum.example/m")
    for canvas in canvases(document):
        assert canvas.images or canvas.needs_login


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_image_service_is_read(data: st.DataObject) -> None:
    described = test_iiif.info(HERE, "a", sizes=[{"width": 3, "height": 2}], maxWidth=9, maxArea=9)
    service = service_of(data.draw(spoilt(described)), described=True)
    if service is not None:
        assert all(image.location.startswith("http") for image in renditions(service))
