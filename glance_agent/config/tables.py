"""The tables of the configuration that are of no room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from glance_agent.domain.identity import AGENT_ID
from glance_agent.domain.library_place import LibraryPlace, PostgresPlace, WayToServer
from glance_agent.domain.said import say
from glance_agent.domain.secret import read_secret
from glance_agent.domain.spelling import PathSetting
from glance_agent.embedding.remote.settings import RemoteSettings


class SettingsTable(BaseModel):
    """A table of the configuration: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


class AgentSettings(SettingsTable):
    """Which agent this is, where several share a library or a broker."""

    id: str | None = Field(
        None,
        pattern=f"^{AGENT_ID}$",
        description="Tells it from all others; made at its first start and kept in a file beside "
        "the library's.",
    )


class LibrarySettings(SettingsTable):
    """Where artworks, vectors and reactions are kept."""

    path: PathSetting = Field(
        Path("glance.db"), description="The library's SQLite file; relative to this file."
    )
    url: SecretStr | None = Field(
        None,
        description="A database of a PostgreSQL server instead, such as "
        "postgresql://glance@server/glance; needs the extra postgres.",
    )
    password_file: PathSetting | None = Field(
        None, description="A file whose first line is the password of url."
    )
    search: Literal["replica", "pgvector"] = Field(
        "replica",
        description="Who looks through the vectors of url: the agent, in memory, or the server, by "
        "its extension pgvector.",
    )
    max_picture_megapixels: int = Field(
        80,
        ge=1,
        le=2000,
        description="Larger pictures are not decoded; JPEG and WebP may have half as many more.",
    )

    _reach: WayToServer = PrivateAttr(default_factory=WayToServer)

    @model_validator(mode="after")
    def _is_in_one_place(self) -> LibrarySettings:
        if self.url is None:
            if self.password_file is not None:
                raise ValueError(
                    say("password_file is for url, the address of a PostgreSQL server")
                )
            if self.search == "pgvector":
                raise ValueError(say("search by pgvector needs url, the address of its server"))
            return self
        if "path" in self.model_fields_set:
            raise ValueError(say("path and url exclude each other: a library is in one place"))
        PostgresPlace(self.url.get_secret_value())  # which refuses what is no address
        return self

    @property
    def place(self) -> LibraryPlace:
        """Where the library is. What an agent keeps for itself is beside `path` all the same."""
        if self.url is None:
            return self.path
        return PostgresPlace(
            self.url.get_secret_value(),
            self.password_file,
            looks_through=self.search == "pgvector",
            reach=self._reach,
        )


class ModelSettings(SettingsTable):
    """The model that understands pictures and words."""

    name: str = Field("glance-mini", description="A model of the catalogue.")
    directory: PathSetting | None = Field(
        None, description="Where downloaded models are kept; a user directory by default."
    )
    pull: bool = Field(
        False, description="Fetch the model in the background where it is not installed."
    )
    threads: int = Field(2, ge=1, le=64, description="Threads for one model run.")
    memory_arena: bool = Field(
        False, description="Let ONNX Runtime keep freed memory for itself (faster, larger)."
    )
    prepacking: bool = Field(
        True, description="Let ONNX Runtime keep rearranged weights (faster, larger)."
    )
    remote: RemoteSettings | None = Field(
        None, description="An encoder on another machine, in place of the local model."
    )

    @model_validator(mode="after")
    def _pulls_for_itself(self) -> ModelSettings:
        if self.pull and self.remote is not None:
            raise ValueError(
                say(
                    "pull fetches a model that answers here; beside a remote encoder, run "
                    "glance-agent models pull {name}",
                    name=self.name,
                )
            )
        return self

    def remote_token(self) -> str | None:
        """The remote encoder's token, from its file where one is named; raises ConfigError."""
        remote = self.remote
        if remote is not None and remote.token_file is not None:
            return read_secret(remote.token_file)
        return remote.token.get_secret_value() if remote and remote.token else None


class ChoiceSettings(SettingsTable):
    """How `next` and the slideshow choose."""

    no_repeat_showings: int = Field(
        50, ge=0, le=100_000, description="A work does not come back within this many showings."
    )
    slideshow: bool = Field(False, description="Whether displays start as slideshows.")
    interval_seconds: int = Field(
        600, ge=10, le=604_800, description="Seconds between pictures of a slideshow."
    )
    discovery: int = Field(
        20, ge=0, le=100, description="0 is only what is known to be liked, 100 is surprise me."
    )
    seed: int | None = Field(None, description="Fixes the chance in choices, for tests.")


class SearchSettings(SettingsTable):
    """How searches answer."""

    unmatched: Literal["keep", "nearest"] = Field(
        "keep",
        description="What a wish that nothing matches does: keep leaves the picture, nearest shows "
        "what comes closest.",
    )


class LogSettings(SettingsTable):
    """What is written to standard error; lines begin with the time where it is not the journal."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important line that is written."
    )
