"""What can be set about the pages: where they are served, and for whom."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from glance_agent.domain.said import say
from glance_agent.domain.secret import read_secret
from glance_agent.domain.spelling import Host, HttpUrl, PathSetting, PublicHost


def _address(text: str) -> str:
    """An address of the network, as Python spells it."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise ValueError(
            say("“{text}” is no address: write it in numbers, such as 172.30.32.2", text=text)
        ) from None


def _without_slash(url: str) -> str:
    if "?" in url or "#" in url:
        raise ValueError(
            say("“{url}” has a “?” or “#”: write the address of the pages alone", url=url)
        )
    return url.rstrip("/")


def _origin(url: str) -> str:
    """The scheme, the host and the port of an address, and nothing else."""
    if not re.fullmatch(r"https?://[^\s/?#;,'\"]+/?", url):
        raise ValueError(
            say("“{url}” is no origin: write http:// or https://, a host and a port only", url=url)
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host to listen at is this machine alone; names other than localhost are not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class WebSettings(BaseModel):
    """The pages, and who may open them."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    enabled: bool = Field(True, description="Whether pages are served at all.")
    host: Host = Field(
        "127.0.0.1",
        description="Address to listen at; 0.0.0.0 is the whole network, and needs a token.",
    )
    port: int = Field(8787, ge=0, le=65535, description="Port to listen at; 0 is any free one.")
    devices_host: Host = Field(
        "0.0.0.0",  # noqa: S104 - opened only for displays whose devices ask, at home
        description="Address to listen at for devices; opened only where a display needs it.",
    )
    devices_port: int = Field(
        3000, ge=0, le=65535, description="Port for devices that ask for pictures by themselves."
    )
    url: Annotated[HttpUrl, AfterValidator(_without_slash)] | None = Field(
        None,
        description="Address at which others reach the pages, such as http://glance.local:8787.",
    )
    names: tuple[PublicHost, ...] = Field(
        (), description="Further names of this machine that browsers may use."
    )
    token: SecretStr | None = Field(
        None, description="What opens everything; better in token_file than here."
    )
    token_file: PathSetting | None = Field(None, description="A file that holds the token.")
    trusted: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(
        (), description="Addresses of proxies that have signed people in; they need no token."
    )
    max_thumbs_megabytes: int = Field(
        200, ge=1, le=100_000, description="Room for thumbnails, beside the library."
    )
    frame_ancestors: tuple[Annotated[HttpUrl, AfterValidator(_origin)], ...] = Field(
        (), description="Addresses of pages that may hold ours in a frame, beside our own."
    )

    @model_validator(mode="after")
    def _open_only_with_a_token(self) -> WebSettings:
        if self.token is not None and not self.token.get_secret_value().strip():
            raise ValueError(
                say("token is empty, so that everybody would have it: write a long one")
            )
        guarded = self.token is not None or self.token_file is not None
        if self.enabled and not guarded and not is_loopback(self.host):
            raise ValueError(
                say(
                    "host = “{host}” lets others in: set token_file to a file with a long "
                    "token in it, or keep host = “127.0.0.1”",
                    host=self.host,
                )
            )
        return self

    def secret(self) -> str | None:
        """The token, from its file where one is named; raises ConfigError."""
        if self.token_file is not None:
            return read_secret(self.token_file)
        return self.token.get_secret_value().strip() if self.token else None


def reachable_here(host: str) -> str:
    """The host by which a program on this machine reaches what listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - told, not listened at


def address_of(host: str, port: int) -> str:
    """The address of the pages for a browser on this machine."""
    name = reachable_here(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def check_token(settings: WebSettings) -> None:
    """Raises ConfigError where pages are wanted and their token cannot be read."""
    if settings.enabled:
        settings.secret()
