"""Which pages may have something changed: ours, and programs, and no other."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from glance_agent.doors.web.origins import check_origin
from glance_agent.doors.web.refusing import Refused

HOSTS = ["frame.local:8787"]
OURS = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "http://frame.local:8787"},
    {"origin": "https://FRAME.local:8787"},
    {"sec-fetch-site": "same-origin", "origin": "http://behind.a.proxy"},
    {},
]
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": ""},
    {"sec-fetch-site": "same-origin, cross-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://frame.local:8787"},
    {"origin": "http://evil.example"},
    {"origin": "http://frame.local"},
    {"origin": "http://frame.local:8787.evil.example"},
    {"origin": "http://frame.local:8787@evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "frame.local:8787"},
    {"origin": "http://fr\udce4me.local:8787"},
    {"origin": "http://[frame.local:8787"},
]


@pytest.mark.parametrize("headers", OURS, ids=str)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_our_pages_and_programs_may_change_things(method: str, headers: dict[str, str]) -> None:
    check_origin(method, CIMultiDict(headers), HOSTS)


@pytest.mark.parametrize("headers", FOREIGN, ids=repr)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "OPTIONS"])
def test_pages_of_others_may_not(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        check_origin(method, CIMultiDict(headers), HOSTS)
    assert (refused.value.status, refused.value.error.code) == (403, "not_allowed")


@pytest.mark.parametrize("headers", FOREIGN, ids=repr)
def test_links_from_other_pages_may_be_followed(headers: dict[str, str]) -> None:
    check_origin("GET", CIMultiDict(headers), HOSTS)
