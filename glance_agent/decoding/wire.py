"""What the agent and a decoding process say to each other, as bytes.

A message is two lengths (big-endian, 4 and 8 bytes), a JSON object and a block of bytes. Nothing is
unpickled: a decoder that has been taken over can lie about a picture, and do no more than that.
"""

from __future__ import annotations

import base64
import json
import struct
from typing import Any, Final

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.metadata import RawMetadata

LENGTHS: Final = struct.Struct(">IQ")
MOST_HEADER_BYTES: Final = 16 * 1024 * 1024
MOST_BLOCK_BYTES: Final = 512 * 1024 * 1024
MOST_DETAIL: Final = 200
Header = dict[str, Any]


def packed(header: Header, block_bytes: int) -> bytes:
    """What goes before the block of a message."""
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), block_bytes) + text


def lengths(head: bytes) -> tuple[int, int]:
    """How long the JSON and the block of a message are. Raises ValueError for what is too long."""
    header_bytes, block_bytes = LENGTHS.unpack(head)
    if header_bytes > MOST_HEADER_BYTES or block_bytes > MOST_BLOCK_BYTES:
        raise ValueError("a message is too long")
    return header_bytes, block_bytes


def header_of(text: bytes) -> Header:
    """The JSON object of a message. Raises ValueError."""
    header = json.loads(text)
    if not isinstance(header, dict):
        raise ValueError("a message is no JSON object")
    return header


# -- metadata and refusals ------------------------------------------------------------------------


def metadata_to_json(found: RawMetadata) -> Header:
    """What a file says about itself, as JSON has it."""
    exif = {str(tag): _value(value) for tag, value in found.exif.items()}
    iptc = [[*key, [_value(v) for v in values]] for key, values in found.iptc.items()]
    return {"exif": exif, "iptc": iptc, "xmp": _value(found.xmp), "text": found.text}


def metadata_from_json(told: Header) -> RawMetadata:
    """The same on the other side. Raises ValueError, TypeError, KeyError or AttributeError."""
    return RawMetadata(
        exif={int(tag): _back(value) for tag, value in told["exif"].items()},
        iptc={
            (int(record), int(number)): [bytes(_back(v)) for v in values]
            for record, number, values in told["iptc"]
        },
        xmp=bytes(_back(told["xmp"])),
        text={str(key): str(value) for key, value in told["text"].items()},
    )


def _value(value: str | bytes | int) -> object:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _back(value: Any) -> Any:
    return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value


def refusal(told: Header) -> BadPicture:
    """Why a picture was not decoded, in words that can be shown."""
    reason, detail = printable(told.get("bad")), printable(told.get("detail"))
    return BadPicture(reason or "broken", detail, passing=told.get("passing") is True)


def printable(text: object) -> str:
    """Letters only: what a stranger's file says may hold anything."""
    short = str(text or "")[:MOST_DETAIL]
    return "".join(c if c.isprintable() else "?" for c in short)
