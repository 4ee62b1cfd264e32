"""A remote encoder as the configuration names it."""

from __future__ import annotations

import json
from pathlib import Path

from glance_agent.config.load import load
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.embedding.remote.immich import ImmichEncoder
from glance_agent.wiring.encoding import encoder_of


def test_the_configuration_names_a_remote_encoder(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n", encoding="utf-8")
    (tmp_path / "glance.toml").write_text(
        '[model.remote]\nkind = "immich"\nurl = "http://nas:3003"\ndimension = 512\n'
        'token_file = "token"\n',
        encoding="utf-8",
    )
    config = load(tmp_path / "glance.toml", {})
    assert config.model.remote_token() == "secret"
    encoder = encoder_of(config)
    assert isinstance(encoder, ImmichEncoder)
    assert encoder.space == "immich:ViT-B-32__openai"


def test_an_agent_whose_service_is_away_searches_by_keywords(tmp_path: Path) -> None:
    remote = {"kind": "service", "url": "http://127.0.0.1:9"}
    config = load(None, {"GLANCE_MODEL__REMOTE": json.dumps(remote)})
    model = config.model.model_copy(update={"directory": tmp_path})
    encoder = encoder_of(config.model_copy(update={"model": model}))
    assert isinstance(encoder, AbsentEncoder)
    assert "service cannot be used now" in encoder.reason
