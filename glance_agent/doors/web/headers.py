"""What every answer tells the browser about itself, so that it does no harm there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALWAYS: Mapping[str, str] = {
    "Server": "glance-agent",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "fullscreen=(self), screen-wake-lock=(self)"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
_POLICY = (
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)


def safety_headers(frame_ancestors: Sequence[str] = ()) -> dict[str, str]:
    """The headers of every answer; pages of these origins, too, may hold ours in a frame."""
    framed = " ".join(("frame-ancestors", "'self'", *frame_ancestors))
    frames = {} if frame_ancestors else {"X-Frame-Options": "SAMEORIGIN"}
    policy = {"Content-Security-Policy": "; ".join((*_POLICY, framed))}
    return {**ALWAYS, **frames, **policy, **resource_policy(elsewhere=False)}


def resource_policy(*, elsewhere: bool) -> dict[str, str]:
    """Who may show what comes: pages of ours alone, or of other origins, too."""
    return {"Cross-Origin-Resource-Policy": "cross-origin" if elsewhere else "same-origin"}
