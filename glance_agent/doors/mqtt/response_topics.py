"""Where an answer may go beside `<base>/response`: a sender names the topic, we publish there."""

from __future__ import annotations

from collections.abc import Iterable

from glance_agent.domain.said import say
from glance_agent.domain.strict_json import encodable
from glance_agent.domain.topics import Topics

LONGEST_SHOWN = 80


class ResponseTopics:
    """A sender could have the agent write wherever the agent may; so only below these prefixes."""

    def __init__(self, topics: Topics, allowed: Iterable[str] = ()) -> None:
        """`allowed` are the topics of `mqtt.response_topics`."""
        self._topics = topics
        self._prefixes = tuple(f"{one.rstrip('/')}/" for one in (topics.response, *allowed))

    def may_be(self, topic: str) -> bool:
        """Whether an answer goes there; the agent's own topics are not to be written to."""
        if any(c in topic for c in "+#\0") or topic.startswith("$"):
            return False
        ours = topic == self._topics.base or topic.startswith(f"{self._topics.base}/")
        if ours and not topic.startswith(f"{self._topics.response}/"):
            return False
        return topic.startswith(self._prefixes)

    def note(self, topic: str) -> str:
        """What is said in place of an answer to a topic that may not be."""
        shown = topic if len(topic) <= LONGEST_SHOWN else f"{topic[: LONGEST_SHOWN - 1]}…"
        return say(
            "Nothing was sent to the response topic “{topic}”: it has to lie below {response}/ or "
            "one of mqtt.response_topics.",
            topic=encodable(shown),
            response=self._topics.response,
        )
