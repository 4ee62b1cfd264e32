"""What devices say of themselves, and what follows from it: pure, with now as an argument."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.battery import CHARGED_POINTS, BatterySample, days_left, percent_of
from glance_agent.domain.foreign import line

MOST_CHARS: Final = 64
MOST_SAMPLES: Final = 400
SAMPLE_EVERY: Final = timedelta(hours=1)
CHARGING_VOLTS: Final = 0.15
"""A battery whose voltage has risen by so much since it was last heard of is being charged."""
FALLING_VOLTS: Final = 0.02
MISSED: Final = 2
"""A device is missing once it has not been seen for so many of its intervals."""


class DeviceReport(BaseModel):
    """What a device says of itself at one time; None is what it does not say."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    battery: float | None = Field(None, ge=0, le=100, description="percent")
    voltage: float | None = Field(None, ge=0, le=60, description="of its battery")
    charging: bool | None = None
    signal: int | None = Field(None, ge=-150, le=0, description="dBm")
    firmware: str | None = Field(None, max_length=MOST_CHARS)
    model: str | None = Field(None, max_length=MOST_CHARS)
    width: int | None = Field(None, ge=1, le=100_000, description="pixels of its panel")
    height: int | None = Field(None, ge=1, le=100_000)
    art_mode: bool | None = Field(None, description="whether a TV shows art now")
    interval_seconds: int | None = Field(
        None, ge=1, le=8_000_000, description="after how long it is expected again"
    )


class DeviceState(DeviceReport):
    """All that is known of a display's device; the retained device topic."""

    seen_at: datetime = Field(description="when it was heard of last")
    expected_at: datetime | None = Field(None, description="when it is to be heard of again")
    missing: bool = Field(False, description="whether it was away for two of its intervals")
    days_left: int | None = Field(
        None, description="how long its battery will last, once that can be told"
    )


class KeptDevice(BaseModel):
    """What is remembered of a device."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    state: DeviceState
    samples: tuple[BatterySample, ...] = ()
    """Its battery since it was charged last, oldest first."""


def heard(kept: KeptDevice | None, report: DeviceReport, now: datetime) -> KeptDevice:
    """What is known once a device has said this. What it does not say stays as it was."""
    before = kept.state if kept is not None else None
    said = report.model_dump(exclude_none=True)
    if "voltage" in said and "charging" not in said:
        said["charging"] = _charges(before, said["voltage"])
    if "voltage" in said and "battery" not in said:
        said["battery"] = percent_of(said["voltage"])
    old = before.model_dump(include=set(DeviceReport.model_fields)) if before else {}
    known = DeviceReport(**{**old, **said})
    samples = _sampled(kept.samples if kept else (), known, now, is_new="battery" in said)
    wait = timedelta(seconds=known.interval_seconds) if known.interval_seconds else None
    state = DeviceState(
        **known.model_dump(),
        seen_at=now,
        expected_at=now + wait if wait else None,
        days_left=None if known.charging else days_left(samples),
    )
    return KeptDevice(state=state, samples=samples)


def as_of(state: DeviceState, now: datetime, since: datetime | None = None) -> DeviceState:
    """The state as it is then: a device that is not heard of is missing at some time.

    `since` then somebody listens: what came before was not heard.
    """
    at = missing_at(state, since)
    missing = at is not None and (state.missing or now >= at)
    return state if missing == state.missing else state.model_copy(update={"missing": missing})


def missing_at(state: DeviceState, since: datetime | None = None) -> datetime | None:
    """From when on the device is missing; None where it need not come at any time."""
    if state.interval_seconds is None:
        return None
    heard_at = max(state.seen_at, since) if since is not None else state.seen_at
    return heard_at + MISSED * timedelta(seconds=state.interval_seconds)


def said_by_device(text: object) -> str | None:
    """A device's words as they may be repeated: on one line and not long; None for none."""
    if not isinstance(text, str):
        return None
    return line(text, MOST_CHARS) or None


def number_of(value: object, least: float, most: float) -> float | None:
    """A number that a device says, as text or as such; None for what cannot be one of these."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value[:32]) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        return None
    return number if least <= number <= most else None


def _charges(before: DeviceState | None, volts: float) -> bool | None:
    """Whether a battery of this voltage is being charged; None where nothing was before it."""
    if before is None or before.voltage is None:
        return None
    rise = volts - before.voltage
    return rise >= CHARGING_VOLTS or (bool(before.charging) and rise > -FALLING_VOLTS)


def _sampled(
    samples: Sequence[BatterySample], known: DeviceReport, now: datetime, *, is_new: bool
) -> tuple[BatterySample, ...]:
    """The history with what the battery has now, where it is time; without what was before a
    charge, or seems to come from later."""
    if known.battery is None or not is_new:
        return tuple(samples)
    if known.charging or (samples and known.battery >= samples[-1].percent + CHARGED_POINTS):
        samples = ()
    past = [sample for sample in samples if sample.at <= now]
    if past and now - past[-1].at < SAMPLE_EVERY:
        return tuple(past)
    return (*past, BatterySample(now, known.battery))[-MOST_SAMPLES:]
