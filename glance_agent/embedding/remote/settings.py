"""The settings of an encoder on another machine."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from glance_agent.domain.said import say
from glance_agent.domain.spelling import HttpUrl, PathSetting


class RemoteSettings(BaseModel):
    """An encoder that is asked over the network in place of the local model."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    kind: Literal["service", "immich", "huggingface", "replicate"] = Field(
        description="service is another glance-agent (serve-encoder); the others are as named."
    )
    url: HttpUrl | None = Field(
        None, description="Its address; needed for service and immich, else the public one."
    )
    model: str | None = Field(
        None, max_length=200, description="The model there, where it offers several."
    )
    dimension: int | None = Field(
        None, ge=1, le=8192, description="Numbers in a vector, where the service cannot say it."
    )
    token: SecretStr | None = Field(None, description="Token; better in token_file than here.")
    token_file: PathSetting | None = Field(
        None, description="A file that holds the token (a systemd credential, for example)."
    )
    timeout_seconds: float = Field(30.0, gt=0, le=600, description="Seconds for one answer.")
    dollars_per_call: float = Field(
        0.0, ge=0, le=100, description="What one call costs, for the counter in the status."
    )
    words: Literal["remote", "local"] = Field(
        "remote", description="local embeds words here; only where the space is the same."
    )

    @model_validator(mode="after")
    def _complete(self) -> RemoteSettings:
        if self.kind in ("service", "immich") and self.url is None:
            raise ValueError(say("a remote encoder of kind {kind} needs an url", kind=self.kind))
        if self.kind == "huggingface" and self.model is None and self.url is None:
            raise ValueError(say("a remote encoder of kind huggingface needs a model or an url"))
        if self.kind in ("immich", "huggingface") and self.dimension is None:
            raise ValueError(
                say("a remote encoder of kind {kind} needs its dimension", kind=self.kind)
            )
        return self
