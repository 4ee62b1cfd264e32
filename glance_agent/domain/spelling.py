"""Hosts, web addresses, topics and paths as people write them, made what programs need.

What can only be meant in one way is mended; what cannot is refused with what to write instead.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from glance_agent.domain.foreign import shown
from glance_agent.domain.said import say

_LONGEST_TOPIC = 128
PORTS = ("1883", "8883")
"""Ports of MQTT, which could also be the last group of an IPv6 address."""


def _host(text: str) -> str:
    """A name or address without scheme, port and brackets."""
    host = text.strip()
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    name, colon, port = host.rpartition(":")
    if port in PORTS and _is_ipv6(name):
        raise ValueError(
            say(
                "“{host}” seems to end in a port: write {name} here, and {port} into port; "
                "if it is the whole address, write [{host}]",
                host=host,
                name=name,
                port=port,
            )
        )
    if _is_ipv6(bare):
        return bare
    if colon and port.isdigit() and name:
        name = name.strip("[]")
        raise ValueError(
            say(
                "“{host}” names a port as well: write {name} here, and {port} into port",
                host=host,
                name=name,
                port=port,
            )
        )
    if not re.fullmatch(r"[^\s/@#?:\[\]\\]{1,253}", host) or shown(host) != host:
        raise ValueError(
            say("“{host}” cannot be a host: write it without mqtt:// and port", host=shown(host))
        )
    return host


def _public_host(text: str) -> str:
    """The name of a host as addresses spell it: in small letters, those beyond a–z as IDNA."""
    host = text.strip().rstrip(".").lower()
    try:
        host = host.encode("idna").decode("ascii") if host and not host.isascii() else host
    except UnicodeError:
        host = ""
    if not re.fullmatch(r"[a-z0-9._-]{1,253}", host):
        raise ValueError(
            say(
                "“{text}” is no name of a host: write it alone, without https://, port, "
                "path and *, such as upload.wikimedia.org",
                text=shown(text),
            )
        )
    return host


def _web_address(text: str) -> str:
    url = text.strip()
    if begins := re.match(r"https?://[^/?#]+", url):  # a folder's name as people see it
        url = begins[0] + url[begins.end() :].replace(" ", "%20")
    begins = re.match(r"https?://[^\s/?#]", url)
    if begins is None or re.search(r"\s", url) or shown(url) != url:
        raise ValueError(
            say(
                "“{url}” is no web address: it has to begin with https:// or http://",
                url=shown(url),
            )
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(say("“{url}” is no web address: {why}", url=url, why=error)) from None
    if not host:
        raise ValueError(say("“{url}” is no web address: it names no host", url=url))
    if "@" in parts.netloc:
        raise ValueError(say("an address cannot hold a user name or password: leave them out"))
    return url


def _topic(text: str) -> str:
    """A topic without wildcards and empty levels (MQTT 5, 4.7)."""
    topic = text.strip().rstrip("/")
    if not topic or topic.startswith(("/", "$")) or "//" in topic:
        raise ValueError(
            say(
                "“{text}” cannot be a topic: write levels with one / between them, such as "
                "glance or home/glance, and no $ before them",
                text=shown(text),
            )
        )
    if re.search(r"[\s#+]", topic) or shown(topic) != topic or len(topic) > _LONGEST_TOPIC:
        raise ValueError(
            say(
                "“{text}” cannot be a topic: blanks, # and + may not be in it, and it has "
                "at most {most} characters",
                text=shown(text),
                most=str(_LONGEST_TOPIC),
            )
        )
    return topic


def _place(path: object) -> object:
    """The path with ~ made the home that it stands for."""
    if not isinstance(path, str):
        return path
    text = path.strip()
    if not text:
        raise ValueError(say("the path is empty: name one, or leave the setting out"))
    if shown(text, one_line=True) != text:
        raise ValueError(say("“{text}” cannot be a path", text=shown(text, one_line=True)))
    if re.match(r"[a-z]+://", text):
        raise ValueError(
            say("“{text}” is an address: write the path alone, such as /home/me/art", text=text)
        )
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(
            say("“{text}” begins with the home of a user who is not known", text=text)
        ) from None


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def host_and_port(host: str, port: int | None) -> str:
    """Where somebody listens, as in an address: IPv6 in brackets (RFC 3986, section 3.2.2)."""
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


Host = Annotated[str, AfterValidator(_host)]
"""A broker's name or address; IPv6 without brackets."""
PublicHost = Annotated[str, AfterValidator(_public_host)]
"""A host that pictures are fetched from."""
HttpUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web_address)]
Topic = Annotated[str, AfterValidator(_topic)]
PathSetting = Annotated[Path, BeforeValidator(_place)]
"""A file or folder; relative ones begin where the configuration lies."""
