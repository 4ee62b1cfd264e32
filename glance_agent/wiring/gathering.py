"""The configured sources, and where what they fetch is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glance_agent.config.settings import Config
from glance_agent.domain.secret import read_secret
from glance_agent.sources.eyes import Eyes
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.sources.folders.watch import WatchedFolder
from glance_agent.sources.opening import Opening
from glance_agent.sources.settings import FolderSettings, WebSource
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.web import Web


def sources_of(
    config: Config, folders: Mapping[str, str], web: Web, eyes: Eyes
) -> dict[str, FolderSource | Museum[Any]]:
    """All sources by name: the configured ones, and the folders that were ingested by hand."""
    opening = opening_of(config, web, eyes)
    brought = {name: by_hand(name, path, eyes) for name, path in folders.items()}
    return brought | {s.name: opening.open(s) for s in config.sources}


def by_hand(name: str, path: str, eyes: Eyes) -> FolderSource:
    """The source of a folder that was ingested by hand."""
    return FolderSource(name, Path(path), eyes.look, see=eyes.see)


def folders_of(config: Config, folders: Mapping[str, str]) -> dict[str, Path]:
    """The folders that are looked through, by the name of their source."""
    own = {s.name: s.path for s in config.sources if isinstance(s, FolderSettings)}
    return {name: Path(path) for name, path in folders.items()} | own


def watched_of(config: Config, folders: Mapping[str, str]) -> dict[str, WatchedFolder]:
    """The folders whose changes are brought in as they happen, by the name of their source."""
    own = [s for s in config.sources if isinstance(s, FolderSettings)]
    by_hand = {name: WatchedFolder(Path(path)) for name, path in folders.items()}
    watched = by_hand | {
        s.name: WatchedFolder(s.path, s.recursive, s.wanted.linked or ()) for s in own
    }
    return {name: watched[name] for name in watched.keys() - {s.name for s in own if not s.watch}}


def opening_of(config: Config, web: Web, eyes: Eyes) -> Opening:
    return Opening(
        web,
        web_directory(config),
        display_px=max(max(d.width_px, d.height_px) for d in config.displays),
        max_picture_bytes=config.fetching.max_picture_megabytes * 1_000_000,
        read_secret=read_secret,
        eyes=eyes,
    )


def web_directory(config: Config) -> Path:
    """Where answers and pictures from the web are kept."""
    path = config.library.path
    return config.fetching.cache_directory or path.with_name(f"{path.stem}.web")


def rhythms_of(config: Config) -> dict[str, float]:
    """The seconds between two listings of a source, for those on the web."""
    return {s.name: s.every_hours * 3600.0 for s in config.sources if isinstance(s, WebSource)}
