"""What is remembered of a TV: how it lets us in, and which of its pictures are ours.

Nothing is ever deleted from a TV but what we have brought to it. A TV numbers its pictures anew
once it is reset, so that an id alone proves nothing: it has to list it under the same date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

MOST_UNCERTAIN: Final = 5
"""So many uploads are looked out for that the TV does not list yet."""
_DATE: Final = "%Y:%m:%d %H:%M:%S"


class Upload(BaseModel):
    """A picture that was brought to the TV, on record before it is there."""

    model_config = ConfigDict(frozen=True)

    sha: str
    date: str
    """Under which it was brought; no other upload has the same."""
    content_id: str | None = None
    listed: str | None = None
    """The date under which the TV lists it, once it did."""


class TvRecord(BaseModel):
    """What is remembered of one TV."""

    model_config = ConfigDict(frozen=True)

    tv: str | None = None
    """Which one it is, as it says."""
    known: bool = False
    """Whether it has ever let us in."""
    token: str | None = Field(None, repr=False)
    token_for_art: bool = False
    """Whether the token is shown to the art app, too, which newer ones do not bear."""
    uploads: tuple[Upload, ...] = ()
    """What is ours, as it was shown: what was shown last is last."""


def of_tv(record: TvRecord, tv: str | None) -> TvRecord:
    """The record where this TV answers: of another one nothing is known."""
    if tv is None or record.tv in (None, tv):
        return record.model_copy(update={"tv": tv or record.tv})
    return TvRecord(tv=tv)


def with_upload(record: TvRecord, sha: str, now: datetime) -> tuple[TvRecord, Upload]:
    """The record with one more picture, which is about to be brought."""
    taken = {upload.date for upload in record.uploads}
    while f"{now:{_DATE}}" in taken:
        now += timedelta(seconds=1)
    upload = Upload(sha=sha, date=f"{now:{_DATE}}")
    return record.model_copy(update={"uploads": (*record.uploads, upload)}), upload


def with_shown(record: TvRecord, upload: Upload) -> TvRecord:
    """The record where this upload, as it is now, was shown last."""
    return record.model_copy(update={"uploads": (*_others(record, upload), upload)})


def without(record: TvRecord, upload: Upload) -> TvRecord:
    """The record where this upload is not on the TV."""
    return record.model_copy(update={"uploads": tuple(_others(record, upload))})


def settled(record: TvRecord, pictures: Mapping[str, str]) -> TvRecord:
    """The record as far as the TV bears it out; `pictures` are its ids and their dates."""
    ours: list[Upload] = []
    taken = {upload.content_id for upload in record.uploads}
    for upload in record.uploads:
        name = upload.content_id or _found(upload, pictures, taken)
        if name is not None and name in pictures and upload.listed in (None, pictures[name]):
            taken.add(name)
            now = {"content_id": name, "listed": pictures[name]}
            ours.append(upload.model_copy(update=now))
        elif upload.listed is None and name not in pictures:
            ours.append(upload)
    uncertain = [upload for upload in ours if upload.listed is None]
    dropped = uncertain[: max(0, len(uncertain) - MOST_UNCERTAIN)]
    return record.model_copy(update={"uploads": tuple(u for u in ours if u not in dropped)})


def surplus(record: TvRecord, keep: int, *, shown: str | None = None) -> list[Upload]:
    """What has to go so that `keep` are left, the first shown first; never what is shown."""
    certain = [upload for upload in record.uploads if upload.content_id is not None]
    old = certain[: max(0, len(certain) - keep)]
    return [upload for upload in old if upload.content_id != shown]


def _others(record: TvRecord, upload: Upload) -> list[Upload]:
    return [one for one in record.uploads if one.date != upload.date]


def _found(upload: Upload, pictures: Mapping[str, str], taken: set[str | None]) -> str | None:
    """The one picture under the date of this upload that is no other one of ours."""
    under = [n for n, date in pictures.items() if date == upload.date and n not in taken]
    return under[0] if len(under) == 1 else None
