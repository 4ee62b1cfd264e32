"""A secret's file -> the secret."""

from __future__ import annotations

from pathlib import Path

from glance_agent.domain.errors import ConfigError


def read_secret(path: Path) -> str:
    """The first line of a secret's file; raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secret file {path} cannot be read: {reason(error)}.") from error
    except IndexError:
        raise ConfigError(
            f"The secret file {path} is empty: write the secret into its first line."
        ) from None


def reason(error: Exception) -> str:
    """Why a file cannot be read, without its path."""
    return getattr(error, "strerror", None) or "it is not UTF-8 text"
