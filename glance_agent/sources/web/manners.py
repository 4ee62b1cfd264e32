"""How each host likes to be asked: how often, how many at once, and how long to stay away."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600.0
DAY_SECONDS = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Manners:
    """`away_*_seconds`: how long a host that refused programs is left alone, first and at most."""

    interval_seconds: float = 1.0
    at_once: int = 1
    away_first_seconds: float = 60.0
    away_longest_seconds: float = 6 * HOUR
    away_factor: float = 2.0


_TWO_A_SECOND = Manners(interval_seconds=0.5, at_once=2)
_KEYED = Manners(interval_seconds=2.0)

BY_HOST = {
    # Its challenge comes and goes by weeks: 6 hours, 1 day, 4 days, a week.
    "www.artic.edu": Manners(
        interval_seconds=1.5,
        away_first_seconds=6 * HOUR,
        away_longest_seconds=7 * DAY_SECONDS,
        away_factor=4.0,
    ),
    "openaccess-cdn.clevelandart.org": Manners(at_once=2),
    "data.rijksmuseum.nl": _TWO_A_SECOND,
    "iiif.micr.io": _TWO_A_SECOND,
    "iip.smk.dk": _TWO_A_SECOND,
    "iip-thumb.smk.dk": _TWO_A_SECOND,
    "commons.wikimedia.org": Manners(interval_seconds=0.5),
    "query.wikidata.org": Manners(interval_seconds=2.0),
    "upload.wikimedia.org": Manners(at_once=2),
    "thumb.wikimedia.org": Manners(at_once=2),
    "api.harvardartmuseums.org": _KEYED,
    "api.si.edu": _KEYED,
    "api.europeana.eu": _KEYED,
}


def manners_of(host: str) -> Manners:
    """The manners for a host; one request per second where nothing else is known."""
    return BY_HOST.get(host, Manners())
