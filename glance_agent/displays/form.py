"""A picture as a form sends it (RFC 7578)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping


def form_of(
    field: str,
    file_name: str,
    data: bytes,
    content_type: str,
    before: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """A form with the picture as a file in one field, and other fields before it; and its type."""
    mark = secrets.token_hex(16)
    said = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (before or {}).items()
    )
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{file_name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    body = (said + head).encode("ascii") + data + f"\r\n--{mark}--\r\n".encode("ascii")
    return body, f"multipart/form-data; boundary={mark}"
