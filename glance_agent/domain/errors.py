"""The exceptions of glance-agent, grouped by what the caller does about them.

    GlanceError                    anything this program raises on purpose
    ├── CommandError               answer the sender with code, sentence and hint; carry on
    ├── BadPicture                 skip this picture, record the reason; carry on
    ├── SourceError                this source failed for now; try again later
    │   └── AddressRefused         it may not be asked at all; asking again does not help
    ├── ModelError                 no vectors from this model; answer by keywords
    │   ├── ModelAway              it could not be fetched for now; try again soon
    │   ├── ModelLate              it did not answer in time; answer without it and say so
    │   └── VectorsUnread          the library's are still being read; answer without, and say so
    ├── DisplayError               this display is not reached for now; say so, and try again
    ├── DisplayRests               it wants no picture for now; keep the newest until it does
    ├── StoreError                 the library file cannot be used now; say so, and try again later
    └── ConfigError                the configuration cannot be used; stop with the sentence

Errors carry data; the door or the terminal makes the words around them.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from glance_agent.domain.said import in_a_row, say


class ErrorCode(StrEnum):
    """The closed list of codes that a reply may carry."""

    BAD_JSON = "bad_json"
    BAD_TEXT = "bad_text"
    TOO_LARGE = "too_large"
    RETAINED = "retained"
    UNKNOWN_VERB = "unknown_verb"
    UNKNOWN_KEY = "unknown_key"
    BAD_VALUE = "bad_value"
    MISSING_VALUE = "missing_value"
    UNKNOWN_DISPLAY = "unknown_display"
    UNKNOWN_ARTWORK = "unknown_artwork"
    UNKNOWN_SOURCE = "unknown_source"
    NOTHING_SHOWN = "nothing_shown"
    NO_PREVIOUS = "no_previous"
    NOTHING_TO_UNDO = "nothing_to_undo"
    EMPTY_LIBRARY = "empty_library"
    NO_MATCH = "no_match"
    NO_MODEL = "no_model"
    PICTURE_UNREADABLE = "picture_unreadable"
    URL_REFUSED = "url_refused"
    BUSY = "busy"
    ANSWER_REFUSED = "answer_refused"
    NOT_PUBLISHED = "not_published"
    NOT_HEARD = "not_heard"
    NOT_SHOWN = "not_shown"
    NOT_SWITCHED = "not_switched"
    DISK_FULL = "disk_full"
    LIBRARY_UNUSABLE = "library_unusable"
    UNKNOWN_ADDRESS = "unknown_address"
    NOT_SIGNED_IN = "not_signed_in"
    NOT_ALLOWED = "not_allowed"
    WRONG_HOST = "wrong_host"
    TOO_MANY = "too_many"
    INTERNAL = "internal"


ERROR_MEANINGS: dict[ErrorCode, str] = {
    ErrorCode.BAD_JSON: "the payload starts with { and is not a JSON object",
    ErrorCode.BAD_TEXT: "the payload is not UTF-8 text",
    ErrorCode.TOO_LARGE: "the payload or the query is longer than allowed",
    ErrorCode.RETAINED: "the command was sent retained and was not executed",
    ErrorCode.UNKNOWN_VERB: "no such verb",
    ErrorCode.UNKNOWN_KEY: "the verb does not know this key",
    ErrorCode.BAD_VALUE: "a value has the wrong form or is out of range",
    ErrorCode.MISSING_VALUE: "a value that the verb needs is not there",
    ErrorCode.UNKNOWN_DISPLAY: "no display of this name is configured",
    ErrorCode.UNKNOWN_ARTWORK: "no artwork of this id is in the library",
    ErrorCode.UNKNOWN_SOURCE: "no source of this name is configured",
    ErrorCode.NOTHING_SHOWN: "the display shows nothing yet",
    ErrorCode.NO_PREVIOUS: "there is no earlier picture on this display",
    ErrorCode.NOTHING_TO_UNDO: "nothing was changed on this display within a day",
    ErrorCode.EMPTY_LIBRARY: "the library holds no artwork yet",
    ErrorCode.NO_MATCH: "no artwork fits the filters, or all that fit are hidden",
    ErrorCode.NO_MODEL: "this needs the model, and no model can be used",
    ErrorCode.PICTURE_UNREADABLE: "the picture is gone or broken, or its host does not send it",
    ErrorCode.URL_REFUSED: "pictures from this address are not allowed",
    ErrorCode.BUSY: "another program is writing the library, a search takes too long, or too many "
    "commands are waiting",
    ErrorCode.ANSWER_REFUSED: "the broker does not take the answer; what was asked for is done",
    ErrorCode.NOT_PUBLISHED: "the broker does not take a message of the agent, which is left out",
    ErrorCode.NOT_HEARD: "the broker does not let the agent read its commands",
    ErrorCode.NOT_SHOWN: "a picture does not reach its display; it is tried again",
    ErrorCode.NOT_SWITCHED: "the command that switches the screen of a display does not work",
    ErrorCode.DISK_FULL: "the disk of the library is full, so that nothing can be kept",
    ErrorCode.LIBRARY_UNUSABLE: "the library may not be written or searched, is away, damaged, or "
    "was replaced",
    ErrorCode.UNKNOWN_ADDRESS: "over HTTP only: nothing answers at this address",
    ErrorCode.NOT_SIGNED_IN: "over HTTP only: this needs a token, or to be signed in",
    ErrorCode.NOT_ALLOWED: "over HTTP only: this is not for whoever asks, or a foreign page asks",
    ErrorCode.WRONG_HOST: "over HTTP only: the pages are not served under this name",
    ErrorCode.TOO_MANY: "over HTTP only: too much was asked within a short time",
    ErrorCode.INTERNAL: "an error of the agent itself; its log says more",
}


class GlanceError(Exception):
    """Anything this program raises on purpose."""

    @property
    def said(self) -> str:
        """Its sentence, which can be said in other languages; `str()` of it is English."""
        first = self.args[0] if self.args else ""
        return first if isinstance(first, str) else str(self)


class CommandError(GlanceError):
    """A command that cannot be carried out; says why and what to do instead.

    `language` is the one of the sentence that asked for it, where that tells.
    """

    def __init__(self, code: ErrorCode, message: str, hint: str = "", language: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.language = language


def our_fault() -> CommandError:
    """What is answered where the agent itself is at fault."""
    return CommandError(
        ErrorCode.INTERNAL, say("Something went wrong in the agent."), say("Its log says more.")
    )


class BadPicture(GlanceError):
    """A picture that cannot be used; `reason` is a short, stable phrase for statistics.

    `passing` says that it may be usable the next time.
    """

    def __init__(self, reason: str, detail: str = "", *, passing: bool = False) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.passing = passing


class SourceError(GlanceError):
    """A source of pictures that cannot be read now."""


class SecondLacking(GlanceError):
    """Of two pictures that were to hang together, the second cannot be had; `why` says why."""

    def __init__(self, why: BadPicture | SourceError) -> None:
        super().__init__(why.said)
        self.why = why


class AddressRefused(SourceError):
    """An address that is never asked; `unlisted` where only the list of hosts lacks its host."""

    def __init__(self, said: str, *, unlisted: bool = False) -> None:
        super().__init__(said)
        self.unlisted = unlisted


class ModelError(GlanceError):
    """A model that cannot be loaded or run."""


class ModelAway(ModelError):
    """A model whose files could not be fetched for now: nobody answered, or not to the end."""


class ModelLate(ModelError):
    """A model that has not answered within the time that somebody may have to wait."""


class VectorsUnread(ModelError):
    """The vectors of a large library are not in memory yet."""


class DisplayError(GlanceError):
    """A display that a picture does not reach now; `why` completes “because …”.

    `hint` is a sentence on what to do, `detail` is for the log alone.
    """

    def __init__(self, why: str, hint: str = "", detail: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint
        self.detail = detail

    @property
    def in_full(self) -> str:
        """Why, and what to do, as sentences."""
        return in_a_row(say("{why}.", why=self.why), self.hint)


class DisplayRests(GlanceError):
    """A display that wants no picture for now, which is no failure; `why` completes “as …”."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Trouble(StrEnum):
    """What may befall a library."""

    BUSY = "busy"
    LATE = "late"
    FULL = "full"
    UNWRITABLE = "unwritable"
    READ_ONLY = "read-only"
    UNREACHABLE = "unreachable"
    FAILING = "failing"
    DAMAGED = "damaged"
    REPLACED = "replaced"
    UNSEARCHED = "unsearched"
    UNUSABLE = "unusable"


class StoreError(GlanceError):
    """A library that cannot be used: the sentence, and what has befallen it.

    It is `told` where the log has said so already, and will say when that is over; and `refused`
    where that is not over before somebody changes the configuration, here or at the server.
    """

    def __init__(
        self,
        said: str,
        *,
        trouble: Trouble = Trouble.UNUSABLE,
        told: bool = False,
        refused: bool = False,
    ) -> None:
        super().__init__(said)
        self.trouble = trouble
        self.told = told
        self.refused = refused

    @property
    def log_level(self) -> int:
        """How loud a log says it (`logging`): what it has said already is for looking closer."""
        return logging.DEBUG if self.told else logging.ERROR

    @property
    def busy(self) -> bool:
        """Whether only another program is writing it."""
        return self.trouble is Trouble.BUSY


class ConfigError(GlanceError):
    """A configuration that cannot be used."""
