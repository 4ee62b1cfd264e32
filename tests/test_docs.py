"""The documentation says what the code does, and its examples run."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from glance_agent.domain.command import COMMANDS, Like, Status
from glance_agent.domain.news import Failed
from glance_agent.domain.picture_verbs import Next, Previous
from glance_agent.domain.published import (
    AgentFacts,
    DisplayArtwork,
    ErrorMessage,
    IngestEvent,
    ReactionEvent,
    ShownEvent,
)
from glance_agent.domain.topics import Topics
from glance_agent.ingest.progress import Progress
from glance_agent.sources.registry import source_kinds
from tests.spawned import PATIENCE_SECONDS, Spawned
from tools.write_docs import PAGES, ROOT, renewed

if TYPE_CHECKING:
    from tests.broker import Broker
    from tests.home import Home

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_generated_parts_are_as_the_code_is(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert page == renewed(page, PAGES[path]), "run: python -m tools.write_docs"


def test_every_topic_is_in_the_contract() -> None:
    topics = Topics("<base>")
    own = [
        topics.command,
        topics.response,
        topics.error,
        topics.status,
        topics.agent,
        topics.artwork("<display>"),
        topics.image("<display>"),
        topics.settings("<display>"),
        *(topics.event(name) for name in ("shown", "reaction", "ingest", "model")),
    ]
    assert [topic for topic in own if f"`{topic}" not in CONTRACT] == []


def test_what_is_told_has_the_keys_that_are_listed(home: Home) -> None:
    """The tables are made from the shapes in `news`; here is what the agent really sends."""
    from glance_agent.wiring.facts import facts_of
    from glance_agent.wiring.rooms import open_rooms

    with open_rooms(home.config(1)) as rooms:
        answered = [rooms.answers.answer(kind()) for kind in (Next, Like, Status)]
        refused = rooms.answers.answer(Previous(display="cellar")).reply
        facts = facts_of(rooms)
    events = {event.name: event.payload for outcome in answered for event in outcome.events}
    events["ingest"] = Progress("paint").event().payload
    shapes: dict[str, type[BaseModel]] = {
        "shown": ShownEvent,
        "reaction": ReactionEvent,
        "ingest": IngestEvent,
    }
    assert {name: set(payload) for name, payload in events.items()} == {
        name: keys(shape) for name, shape in shapes.items()
    }
    assert set(Failed(refused).payload()) == keys(ErrorMessage)
    assert answered[0].glance is not None
    assert set(answered[0].glance.state()) == keys(DisplayArtwork)
    always = {name for name, field in AgentFacts.model_fields.items() if field.is_required()}
    assert always <= {"since", *facts} <= keys(AgentFacts)


def keys(shape: type[BaseModel]) -> set[str]:
    return {name for name, field in shape.model_fields.items() if not field.exclude}


def test_every_kind_of_source_is_described() -> None:
    described = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert [kind for kind in source_kinds() if f"\n| `{kind}` |" not in described] == []


def commands_of_the_readme() -> list[list[str]]:
    """The `mosquitto_pub` lines of the README, as a shell splits them."""
    block = re.search(r"<!-- commands -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block is not None
    return [shlex.split(line) for line in block[1].splitlines()]


def test_the_readme_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) < 150


def test_the_readme_shows_every_verb() -> None:
    lines = " ".join(" ".join(words) for words in commands_of_the_readme())
    assert [verb for verb in COMMANDS if verb not in lines] == []


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name
)
def test_files_that_a_page_links_to_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    if page.name != "CHANGELOG.md":  # which tells of files as they were
        links += [
            f"{ROOT}/{path}"
            for path in re.findall(r"`((?:config|docs|glance_agent)/[^`*<]+)`", text)
        ]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_each_change_is_told_once_and_below_its_subject() -> None:
    told, subject, upgrading = [], "", False
    for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            subject = line if line.startswith("#### ") else ""
            upgrading = line == "### Upgrading"
        elif line.startswith("- "):
            assert subject or upgrading, f"below no subject: {line}"
            told.append(line)
    assert {line for line in told if told.count(line) > 1} == set()


def test_the_readme_links_to_every_page() -> None:
    assert [p.name for p in ROOT.glob("docs/*.md") if f"(docs/{p.name})" not in README] == []


@pytest.mark.skipif(not shutil.which("mosquitto_pub"), reason="mosquitto-clients is not installed")
async def test_every_command_of_the_readme_runs(broker: Broker, tmp_path: Path) -> None:
    """As its reader would: the starter gallery, the model of the package, the real clients."""
    from tests.phone import Phone

    config = tmp_path / "glance.toml"
    config.write_text(f"[mqtt]\nport = {broker.port}\n[library]\npath = 'glance.db'\n")
    await in_a_shell([sys.executable, "-m", "glance_agent", "ingest", "-c", str(config)])
    agent = await Spawned.python("-m", "glance_agent", "run", "--config", str(config))
    try:
        async with Phone(broker.port) as phone:
            await phone.expect("display/wall/image")
            for words in commands_of_the_readme():
                mark = len(phone.messages)
                await in_a_shell([*words, "-p", str(broker.port)])
                reply = (await phone.expect("response", after=mark)).json()
                assert reply["ok"], f"{words}: {reply['message']}"
    finally:
        await agent.end(signal.SIGTERM)


async def in_a_shell(words: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(*words)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await process.wait() == 0, words
