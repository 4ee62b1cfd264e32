"""What can be set about the broker, and how to reach it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from glance_agent.domain.said import say
from glance_agent.domain.secret import read_secret
from glance_agent.domain.spelling import Host, PathSetting, Topic

TLS_ONLY = ("ca_file", "certificate_file", "key_file", "server_name")


class MqttSettings(BaseModel):
    """The broker, and how to reach it."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    host: Host = Field(
        "127.0.0.1", description="Name or address of the broker, without mqtt:// and port."
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Port; 1883, or 8883 with TLS, when not given."
    )
    username: str | None = Field(None, description="User name for the broker.")
    password: SecretStr | None = Field(
        None, description="Password; better in password_file than here."
    )
    password_file: PathSetting | None = Field(
        None, description="A file that holds the password (a systemd credential, for example)."
    )
    client_id: str | None = Field(
        None, description="Client id; by default made from the agent's own id."
    )
    base_topic: Topic = Field("glance", description="The level that all topics start with.")
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        "auto", description="MQTT version; auto tries 5 and falls back to 3.1.1."
    )
    keepalive_seconds: int = Field(60, ge=5, le=3600, description="Seconds between pings.")
    session_expiry_seconds: int = Field(
        7 * 24 * 3600,
        ge=0,
        le=4_294_967_295,
        description="How long the broker keeps commands for an agent that is away (MQTT 5).",
    )
    response_topics: tuple[Topic, ...] = Field(
        (),
        description="Topics below which a sender may have its answer, beside <base>/response/.",
    )
    max_payload_bytes: int | None = Field(
        None,
        ge=1024,
        description="Largest message the broker takes, in bytes, where it does not say so itself.",
    )
    tls: bool = Field(False, description="Encrypt the connection.")
    ca_file: PathSetting | None = Field(
        None, description="Certificate authority to trust; the system's when not given."
    )
    certificate_file: PathSetting | None = Field(None, description="The agent's own certificate.")
    key_file: PathSetting | None = Field(None, description="The key of that certificate.")
    server_name: Host | None = Field(
        None, description="Name the broker's certificate must have, where it is not the host."
    )

    @model_validator(mode="after")
    def _certificates_are_for_tls(self) -> MqttSettings:
        given = [name for name in TLS_ONLY if getattr(self, name) is not None]
        if given and not self.tls:
            raise ValueError(say("{given} needs tls = true", given=given[0]))
        if self.key_file is not None and self.certificate_file is None:
            raise ValueError(say("key_file needs certificate_file"))
        return self

    @model_validator(mode="after")
    def _password_has_a_user(self) -> MqttSettings:
        given = [name for name in ("password", "password_file") if getattr(self, name) is not None]
        if given and self.username is None:
            raise ValueError(
                say("{given} needs username: without one, no password is sent", given=given[0])
            )
        return self

    @property
    def effective_port(self) -> int:
        return self.port or (8883 if self.tls else 1883)

    def secret(self) -> str | None:
        """The password, from its file where one is named; raises ConfigError."""
        if self.password_file is not None:
            return read_secret(self.password_file)
        return self.password.get_secret_value() if self.password else None
