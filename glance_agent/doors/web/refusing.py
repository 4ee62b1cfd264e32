"""Codes of the contract -> status and JSON: how the server says no."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.languages import Sentence, in_language
from glance_agent.domain.reply import ErrorBody, refusal
from glance_agent.domain.strict_json import as_json
from glance_agent.doors.web.language import SPOKEN

STATUSES: Mapping[ErrorCode, int] = {
    ErrorCode.BAD_JSON: 400,
    ErrorCode.BAD_TEXT: 400,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.RETAINED: 400,
    ErrorCode.UNKNOWN_VERB: 404,
    ErrorCode.UNKNOWN_KEY: 400,
    ErrorCode.BAD_VALUE: 400,
    ErrorCode.MISSING_VALUE: 400,
    ErrorCode.UNKNOWN_DISPLAY: 404,
    ErrorCode.UNKNOWN_ARTWORK: 404,
    ErrorCode.UNKNOWN_SOURCE: 404,
    ErrorCode.UNKNOWN_ADDRESS: 404,
    ErrorCode.NOTHING_SHOWN: 409,
    ErrorCode.NO_PREVIOUS: 409,
    ErrorCode.NOTHING_TO_UNDO: 409,
    ErrorCode.EMPTY_LIBRARY: 409,
    ErrorCode.NO_MATCH: 409,
    ErrorCode.NO_MODEL: 503,
    ErrorCode.PICTURE_UNREADABLE: 409,
    ErrorCode.URL_REFUSED: 400,
    ErrorCode.BUSY: 503,
    ErrorCode.ANSWER_REFUSED: 500,
    ErrorCode.NOT_PUBLISHED: 500,
    ErrorCode.NOT_HEARD: 500,
    ErrorCode.NOT_SHOWN: 500,
    ErrorCode.NOT_SWITCHED: 500,
    ErrorCode.DISK_FULL: 507,
    ErrorCode.LIBRARY_UNUSABLE: 503,
    ErrorCode.NOT_SIGNED_IN: 401,
    ErrorCode.NOT_ALLOWED: 403,
    ErrorCode.WRONG_HOST: 421,
    ErrorCode.TOO_MANY: 429,
    ErrorCode.INTERNAL: 500,
}


class Refusal(BaseModel):
    """What is answered where nothing was carried out."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[False] = False
    message: Sentence
    error: ErrorBody


class Refused(Exception):
    """What a request is answered in place of what it asked for; `status` is the code's own."""

    def __init__(
        self,
        error: CommandError,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.status = STATUSES[error.code] if status is None else status
        self.headers = headers

    def response(self) -> web.Response:
        """The answer, as JSON that tells nothing of the inside."""
        body = refusal("", self.error).error
        assert body is not None
        said = Refusal(message=body.message, error=body)
        return json_response(said, self.status, self.headers)


def refuse(
    code: ErrorCode,
    message: str,
    hint: str = "",
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Refused:
    """What is to be raised where a request cannot be answered."""
    return Refused(CommandError(code, message, hint), status=status, headers=headers)


def json_response(
    value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> web.Response:
    """The value as strict JSON in the language of the request, which nobody keeps."""
    return web.Response(
        text=as_json(in_language(value, SPOKEN.get())),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
