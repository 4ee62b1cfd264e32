"""What the model has to read before a command can be carried out, since that may take long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glance_agent.domain.command import Command, Dislike, Hide, Like
from glance_agent.domain.picture_verbs import Next, Search, Show, Similar
from glance_agent.search.misspelt import Speller
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.query_parsing import query_of
from glance_agent.search.reading import Unread
from glance_agent.taste.recommend import Recommender


class WordsAhead:
    """Knows the words of commands, and of the moods of displays; one thread at a time."""

    def __init__(
        self,
        speller: Speller,
        recommender: Recommender,
        understanding: Understanding,
        *,
        mood: Callable[[str], str | None],
        displays: Iterable[str],
    ) -> None:
        """`mood` tells that of a display."""
        self._speller = speller
        self._recommender = recommender
        self._understanding = understanding
        self._mood = mood
        self._displays = displays

    def unread(self, command: Command, displays: Sequence[str]) -> Unread:
        """What the model has to read before the command can be carried out on these displays."""
        match command:
            case Search():
                texts = self._speller.mended(query_of(command)).query.texts
            case Similar():
                texts = query_of(command).texts
            case Show(query=str(words), artwork=None) if words:
                return self.unread(command.as_search, displays)
            case Next(mood=str(mood)) if mood:
                texts = self._recommender.texts(mood)
            case Next():
                texts = self._of_moods(displays)
            case Like(then="next") | Dislike(then="next"):
                texts = self._of_moods(displays)
            case Hide():
                # Another work comes in the place of a hidden one, on whichever displays it hangs.
                texts = self._of_moods(self._displays)
            case _:
                texts = ()
        return self._understanding.unread(texts)

    def _of_moods(self, displays: Iterable[str]) -> tuple[str, ...]:
        moods = dict.fromkeys(self._mood(display) for display in displays)
        return tuple(text for mood in moods for text in self._recommender.texts(mood))
