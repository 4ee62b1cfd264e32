"""Why TLS failed, in words, and what to do; OpenSSL's codes are translated here and only here."""

from __future__ import annotations

import ssl
from datetime import datetime

from glance_agent.domain.said import say

EXPIRED, NOT_YET_VALID, REVOKED = 10, 9, 23
UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}
OTHER_NAME = {62, 64}
NOT_FOR_SERVERS = 26
"""What X509_verify_cert tells (OpenSSL, x509_vfy.h)."""

HUNG_UP = say(
    "TLS failed: the broker hung up in the middle of it; check that mqtt.port is its TLS port, and "
    "whether it wants to see a certificate (mqtt.certificate_file)"
)
_PLAIN = say(
    "there the broker does not speak TLS: set mqtt.port to its TLS port, or mqtt.tls = false"
)
_VERSIONS = say("the broker and this machine have no version of TLS or no cipher in common")
_OURS = say(
    "the broker does not accept our certificate: check mqtt.certificate_file and its authority"
)
_WANTED = say("the broker wants to see a certificate: set mqtt.certificate_file and mqtt.key_file")
_BY_REASON = {
    "WRONG_VERSION_NUMBER": _PLAIN,
    "HTTP_REQUEST": _PLAIN,
    "RECORD_LAYER_FAILURE": _PLAIN,
    "PACKET_LENGTH_TOO_LONG": _PLAIN,
    "UNSUPPORTED_PROTOCOL": _VERSIONS,
    "NO_PROTOCOLS_AVAILABLE": _VERSIONS,
    "NO_SHARED_CIPHER": _VERSIONS,
    "TLSV1_ALERT_PROTOCOL_VERSION": _VERSIONS,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _VERSIONS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": say("{why}, or {else_why}", why=_VERSIONS, else_why=_WANTED),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _WANTED,
    "TLSV1_ALERT_UNKNOWN_CA": _OURS,
    "SSLV3_ALERT_BAD_CERTIFICATE": _OURS,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _OURS,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _OURS,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _OURS,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": say(
        "the broker says that our certificate has expired: renew mqtt.certificate_file"
    ),
}


def why(error: ssl.SSLError, *, name: str, now: datetime) -> str:
    """What a failed handshake with a broker of this name means; `now` is what our clock says."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return say("TLS failed: {why}", why=_about_certificate(error, name, now))
    said = _BY_REASON.get(error.reason or "", error.reason or str(error))
    return say("TLS failed: {why}", why=said)


def _about_certificate(error: ssl.SSLCertVerificationError, name: str, now: datetime) -> str:
    code = error.verify_code
    clock = f"{now:%Y-%m-%d %H:%M}"
    if code == NOT_YET_VALID:
        return say(
            "the broker's certificate, or its authority's, is not yet valid, and our clock says "
            "{clock}: set the clock (timedatectl), or wait until it is set",
            clock=clock,
        )
    if code == EXPIRED:
        return say(
            "the broker's certificate, or its authority's, has expired, and our clock says "
            "{clock}: renew the certificate, or set the clock",
            clock=clock,
        )
    if code in OTHER_NAME:
        return say(
            "the broker's certificate is not for the name {name}: set mqtt.server_name to a name "
            "that it has, or give the broker a certificate for this one",
            name=name,
        )
    if code in UNKNOWN_AUTHORITY:
        return say(
            "the broker's certificate is of an authority that is not known here: set mqtt.ca_file "
            "to the certificate of that authority"
        )
    return _rarer(error)


def _rarer(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == REVOKED:
        return say("the broker's certificate has been revoked: give the broker another one")
    if error.verify_code == NOT_FOR_SERVERS:
        return say("the broker's certificate is not made for servers: give the broker another one")
    return say("the broker's certificate is not accepted ({why})", why=error.verify_message)
