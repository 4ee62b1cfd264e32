"""One address of a source's hosts, asked within its budget, with redirects and a few tries."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glance_agent.domain.errors import AddressRefused, SourceError
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.said import say
from glance_agent.sources.web.exchange import Answer, Ask, Passing, Untrusted
from glance_agent.sources.web.reach import checked
from glance_agent.sources.web.request_log import ASKED_FOR_A_PAUSE, REFUSES_PROGRAMS, Budget
from glance_agent.sources.web.taking import NoAnswer, host_of, is_challenge
from glance_agent.sources.web.web import Web

if TYPE_CHECKING:
    from tenacity import RetryCallState
    from yarl import URL

ATTEMPTS = 3
HOPS = 5
PATIENCE_SECONDS = 60.0
"""A host that asks for a longer pause is left alone for so long, and not waited for."""
_REDIRECTS = {301, 302, 303, 307, 308}
_OURS = say("name it as its certificate does, or set check_certificate = false if it is your own")


@dataclass(slots=True)
class PatientClient:
    """Asks the `hosts` of a source within its `budget`.

    `headers` go with every request. `secrets` are query parameters that go to `secret_host`
    alone, and into no message and no file. A server `at_home`, whose address the household gave,
    may have a private one; it leads nowhere else, and its certificate is checked where
    `checks_certificate` says so. A host that is silent or fails is asked `attempts` times, and
    given up after `seconds` in all where that is a number.
    """

    web: Web
    hosts: frozenset[str]
    budget: Budget
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_host: str = ""
    at_home: bool = False
    checks_certificate: bool = True
    attempts: int = ATTEMPTS
    seconds: float | None = None

    async def ask(self, url: str, ask: Ask) -> Answer:
        """The answer, after redirects and a few tries. Raises SourceError, TooLarge."""
        # Most who open a library ask nobody on the web.
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self.attempts),
            wait=_pause,
            sleep=self.web.around.sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout(self.seconds):
                return await retrying(self._through_redirects, url, ask)
        except TimeoutError as error:
            late = say("did not answer within {seconds} s", seconds=f"{self.seconds:g}")
            raise NoAnswer(host_of(url), late, cut_short=False) from error
        except Passing as failure:
            why: str = failure.said
            if self.at_home and isinstance(failure, Untrusted):
                why = say("{why}; {hint}", why=why, hint=_OURS)
            raise NoAnswer(host_of(url), why, cut_short=failure.cut_short) from failure

    async def _through_redirects(self, url: str, ask: Ask) -> Answer:
        reach = self.web.reach(at_home=self.at_home)
        here = begin = checked(url, self.hosts, reach)
        if self.secrets and here.host == self.secret_host:
            here = here.extend_query(self.secrets)
        for _ in range(HOPS):
            answer = await self._once(here, ask)
            onward = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not onward:
                return answer
            here = checked(_joined(here, onward), self.hosts, reach)
            if self.at_home and here.origin() != begin.origin():
                raise AddressRefused(
                    say("{host} leads to another server; it was not asked.", host=str(here.host))
                )
        raise SourceError(say("{host} redirects in a circle.", host=host_of(url)))

    async def _once(self, url: URL, ask: Ask) -> Answer:
        host = url.host or ""
        self.web.breaker.check(host)
        self.budget.spend_request()
        ask = replace(
            ask,
            headers={**self.headers, **ask.headers},
            at_home=self.at_home,
            checks=self.checks_certificate,
        )
        answer = await self.web.ask(url, ask)
        self.budget.spend_bytes(answer.length)
        if is_challenge(answer):
            self.web.breaker.open(host, self.web.manners_of(host), REFUSES_PROGRAMS)
            self.web.breaker.check(host)
        if answer.status in PASSING_STATUSES:
            raise self._passing(host, answer)
        return answer

    def _passing(self, host: str, answer: Answer) -> Exception:
        wait = answer.retry_after_seconds
        if wait is not None and wait > PATIENCE_SECONDS:
            self.web.breaker.pause(host, wait, ASKED_FOR_A_PAUSE)
            return SourceError(
                say(
                    "{host} asks for a pause of {minutes} minutes.",
                    host=host,
                    minutes=round(wait / 60),
                )
            )
        said = say("status {status}", status=answer.status)
        if answer.status == 429:
            said = say("status {status}, too many requests", status=answer.status)
        return Passing(said, retry_after=wait)


def _may_pass(error: BaseException) -> bool:
    """Whether asking again at once may have another end."""
    return isinstance(error, Passing) and not isinstance(error, Untrusted)


def _pause(state: RetryCallState) -> float:
    from tenacity import wait_exponential_jitter

    back_off = wait_exponential_jitter(initial=1, max=30)
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.retry_after if isinstance(failure, Passing) else None
    return max(asked or 0.0, back_off(state))


def _joined(here: URL, onward: str) -> str:
    """Where a redirect leads. Raises AddressRefused."""
    from yarl import URL

    try:
        return str(here.join(URL(onward)))
    except ValueError:
        raise AddressRefused(
            say(
                "{host} redirects to an address that is not valid; it was not asked.",
                host=str(here.host),
            )
        ) from None
