"""The terminal's verbs for the pages: invite people, make tokens for devices, take both back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from glance_agent.cli.terminal import ConfigOption, JsonOption, columns, load_config, out, say, utf8
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.said import many
from glance_agent.domain.said import say as told
from glance_agent.domain.web_key import INVITATION_HOLDS, KeyKind, WebKey, WebRole, hashed

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from glance_agent.config.settings import Config
    from glance_agent.store.web_keys import WebKeys

app = typer.Typer(help="Let people and devices open the pages.", no_args_is_help=True)

LONGEST_NAME = 64
RoleOption = Annotated[
    WebRole, typer.Option("--role", help="view looks, use also shows and likes, admin does all.")
]


def _name(text: str) -> str:
    """A name that fits into a list. Raises BadParameter."""
    name = " ".join(utf8(text).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise typer.BadParameter(
            told("A name has 1 to {longest} characters that can be printed.", longest=LONGEST_NAME)
        )
    return name


@app.command()
def invite(
    name: Annotated[
        str, typer.Option("--name", help="Whose it is, for “web list”.", callback=_name)
    ] = "guest",
    role: RoleOption = WebRole.USE,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print an address to open, or scan, once within ten minutes; the browser stays signed in."""
    settings = load_config(config)
    base, secret, until = _let_in(settings, KeyKind.INVITATION, name, role, holds=INVITATION_HOLDS)
    # What follows “#” is never sent to a server, so that no log has it.
    address = f"{base}/#t={secret}"
    if as_json:
        facts = {
            "address": address,
            "name": name,
            "role": role,
            "until": until and until.isoformat(),
        }
        print(json.dumps(facts))
        return
    import segno

    segno.make(address, micro=False).terminal(compact=True)
    say(address)
    minutes = int(INVITATION_HOLDS.total_seconds() // 60)
    say(
        told(
            "Opens the pages once, within {minutes} minutes, for “{name}” with the role “{role}”.",
            minutes=minutes,
            name=name,
            role=role,
        )
    )
    _say_who_can_reach(settings)


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Which device it is for.", callback=_name)],
    role: RoleOption = WebRole.VIEW,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a token for a device that cannot scan; it is shown once, and takes an older's place."""
    settings = load_config(config)
    base, secret, _ = _let_in(settings, KeyKind.TOKEN, name, role)
    display = settings.displays[0].name
    picture, kiosk = f"{base}/d/{secret}/{display}.jpg", f"{base}/kiosk/{display}#t={secret}"
    if as_json:
        facts = {"token": secret, "name": name, "role": role, "picture": picture, "kiosk": kiosk}
        print(json.dumps(facts))
        return
    say(secret)
    say(
        told(
            "Opens what the role “{role}” may until “glance-agent web revoke {name}”. "
            "It is kept nowhere: note it now. As a header it is “Authorization: Bearer "
            "…”, as an address:",
            role=role,
            name=name,
        )
    )
    say(told("the picture of {display}: {picture}", display=display, picture=picture))
    say(told("a tablet on the wall: {kiosk}", kiosk=kiosk))
    _say_who_can_reach(settings)


@app.command("list")
def list_keys(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List who may open the pages: invitations, signed-in browsers, tokens."""
    with _keys(load_config(config)) as (keys, now):
        found = keys.all_that_hold(now)
    if as_json:
        print(json.dumps([_told(key) for key in found]))
        return
    if not found:
        say(told("Nobody has been let in. Let somebody in with: glance-agent web invite"))
        return
    from rich.table import Table

    table = Table(*columns(told("name"), told("kind"), told("role"), told("made")))
    for key in found:
        table.add_row(key.name, key.kind, key.role, f"{key.made_at.astimezone():%Y-%m-%d %H:%M}")
    out.print(table)


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="A name that “web list” lists.", callback=_name)],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back every invitation, session and token of a name; the running agent knows at once."""
    with _keys(load_config(config)) as (keys, _):
        gone = keys.revoke(name)
    if not gone:
        raise GlanceError(
            told(
                "Nothing of the name “{name}” opens the pages. See: glance-agent web list",
                name=name,
            )
        )
    if as_json:
        print(json.dumps({"name": name, "revoked": gone}))
        return
    say(
        many(
            "Took back 1 key of the name “{name}”.",
            "Took back {n} keys of the name “{name}”.",
            n=gone,
            name=name,
        )
    )


def _let_in(
    settings: Config, kind: KeyKind, name: str, role: WebRole, *, holds: timedelta | None = None
) -> tuple[str, str, datetime | None]:
    """The address of the pages, a new secret that opens them, and until when it does.

    Raises GlanceError where there are no pages.
    """
    base, secret = _address(settings), secrets.token_urlsafe(16)
    with _keys(settings) as (keys, now):
        until = None if holds is None else now + holds
        keys.add(hashed(secret), WebKey(kind, name, role, now, until))
    return base, secret, until


@contextmanager
def _keys(settings: Config) -> Iterator[tuple[WebKeys, datetime]]:
    """The keys in the library, which a running agent looks up there; and what time it is."""
    from glance_agent.store.opening import to_work_in
    from glance_agent.store.web_keys import WebKeys
    from glance_agent.wiring.clock import utc_now

    with to_work_in(settings.library.place) as database:
        yield WebKeys(database), utc_now()


def _told(key: WebKey) -> dict[str, str | None]:
    until = key.until.isoformat() if key.until else None
    made = key.made_at.isoformat()
    return {"name": key.name, "kind": key.kind, "role": key.role, "made_at": made, "until": until}


def _address(settings: Config) -> str:
    """The address of the pages as others reach them. Raises GlanceError where there are none."""
    import socket

    from glance_agent.doors.web.settings import address_of, is_loopback

    web = settings.web
    if not web.enabled:
        raise GlanceError(
            told("There are no pages: set web.enabled = true, and start the agent again.")
        )
    if web.url is not None:
        return web.url
    if not is_loopback(web.host) and web.host in {"0.0.0.0", "::"}:  # noqa: S104 - not listened at
        return address_of(f"{socket.gethostname().split('.')[0]}.local", web.port)
    return address_of(web.host, web.port)


def _say_who_can_reach(settings: Config) -> None:
    from glance_agent.doors.web.settings import is_loopback

    if is_loopback(settings.web.host) and settings.web.url is None:
        say(
            told(
                "The pages are open to this machine alone so far: docs/web.md says how to "
                "open them to phones and tablets (web.host and web.token_file)."
            )
        )
