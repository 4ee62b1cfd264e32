"""Commands over HTTP: the verbs of the contract, carried out by the same agent as MQTT's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from aiohttp import web

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.commands.speech.understanding import IsWord
from glance_agent.domain.command import Command
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.languages import ENGLISH_ALONE, Languages
from glance_agent.domain.reply import Reply, refusal, spoken
from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.doors.handler import CommandTaker
from glance_agent.doors.web.access import Access, require
from glance_agent.doors.web.bodies import body_of
from glance_agent.doors.web.checks import PEER
from glance_agent.doors.web.language import asked_language
from glance_agent.doors.web.rates import Rate, asker_of
from glance_agent.doors.web.refusing import STATUSES, Refused, json_response
from glance_agent.doors.web.route import Route

MOST_WAITING: Final = 64
"""So many commands may wait for their turn; those after them are told that the agent is busy."""
_TOPICS: Final = Topics()


class CommandDesk:
    """Takes commands from requests; each is answered to its sender alone."""

    def __init__(
        self,
        agent: CommandTaker,
        access: Access,
        *,
        places: Collection[Place] = (),
        is_word: IsWord = lambda word: False,
        most: int = MOST_WAITING,
        rate: Rate | None = None,
        languages: Languages = ENGLISH_ALONE,
    ) -> None:
        """So many may wait at `most`; by default one address may send 20 at once, 10 a second.

        `places` are the displays that a sentence may name, what `is_word` is not misspelt.
        """
        self._places = places
        self._is_word = is_word
        self._languages = languages
        self._agent = agent
        self._access = access
        self._most = most
        self._rate = rate or Rate(20, 2)
        self.waiting = 0

    def routes(self) -> Sequence[Route]:
        """Where commands are taken; who may send which is known once it is read."""
        paths = ("/api/command/{verb}", "/api/command/{verb}/{display}")
        return [Route("POST", path, self._take, tells=Reply) for path in paths]

    async def _take(self, request: web.Request) -> web.Response:
        await self._rate.spend(asker_of(request, request[PEER]))
        payload = await body_of(request)
        parts = request.match_info["verb"], request.match_info.get("display")
        asked = asked_language(request)
        command = parsed(
            *parts,
            payload,
            places=self._places,
            is_word=self._is_word,
            languages=self._languages if asked is None else Languages(asked),
        )
        if not isinstance(command, BadCommand):
            require(await self._access.role_of(request, request[PEER]), command.role)
        return answer_of(await self._carry_out(command))

    async def _carry_out(self, command: Command | BadCommand) -> Reply:
        """The reply. Who goes away before it comes has asked all the same."""
        if self.waiting >= self._most:
            raise Refused(
                CommandError(
                    ErrorCode.BUSY,
                    say("Too many commands are waiting."),
                    say("Send it again in a moment."),
                ),
                headers={"Retry-After": "1"},
            )
        self.waiting += 1
        try:
            if not isinstance(command, BadCommand):
                return await self._agent.handle(command)
            reply = refusal(command.verb, command.error, command.display)
            reply = spoken(reply, command.language)
            reply = reply.model_copy(update={"transaction": command.transaction})
            await self._agent.refuse(reply)
            return reply
        finally:
            self.waiting -= 1


def parsed(
    verb: str,
    display: str | None,
    payload: bytes,
    *,
    places: Collection[Place] = (),
    is_word: IsWord = lambda word: False,
    languages: Languages = ENGLISH_ALONE,
) -> Command | BadCommand:
    """The command that a request holds; its verb and its display come from the address alone."""
    text = payload.strip()
    if text and not text.startswith(b"{"):
        error = CommandError(
            ErrorCode.BAD_JSON,
            say("The body is no JSON object."),
            say(
                'Send for example {{"query": "stormy sea"}}, or {{}} where there is nothing to say.'
            ),
        )
        language = languages.of(HOUSEHOLD)
        return BadCommand(error, "" if "/" in verb else verb, None, language=language)
    levels = [_TOPICS.command, verb, *([display] if display is not None else [])]
    # A level that holds a “/” would be two: nothing has such a name.
    topic = "/".join(level.replace("/", "\ufffd") for level in levels[1:])
    address = f"{_TOPICS.command}/{topic}"
    return parse_command(
        _TOPICS, address, text, places=places, is_word=is_word, languages=languages
    )


def answer_of(reply: Reply) -> web.Response:
    """The reply, with the status that goes with its code."""
    status = 200 if reply.error is None else STATUSES[reply.error.code]
    headers = {"Retry-After": "1"} if status == 503 else None
    return json_response(reply, status, headers)
