"""Certificates for tests and campaigns, made by openssl: an authority, and what it has signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Moment = str
"""As openssl writes it: 20300101000000Z."""
VALID: Final[tuple[Moment, Moment]] = ("20200101000000Z", "20991231000000Z")
PAST: Final[tuple[Moment, Moment]] = ("20200101000000Z", "20200102000000Z")
FUTURE: Final[tuple[Moment, Moment]] = ("20980101000000Z", "20991231000000Z")
_CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


class NoOpenSSL(Exception):
    """The program is not installed."""


@dataclass(frozen=True)
class Certificates:
    """Keys and certificates in one folder, by name."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)

    def authority(self, name: str) -> None:
        """One that signs itself."""
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key",
                      "-subj", f"/CN={name}", "-days", "2", "-out", f"{name}.crt")  # fmt: skip

    def sign(
        self,
        name: str,
        *,
        alternative: str,
        by: str = "ca",
        valid: tuple[Moment, Moment] = VALID,
    ) -> None:
        """A key and a certificate of this name, signed by an authority."""
        configuration = self.folder / "ca.cnf"
        configuration.write_text(_CONFIGURATION.format(folder=self.folder))
        (self.folder / "index.txt").touch()
        if not (self.folder / "serial").exists():
            (self.folder / "serial").write_text("01\n")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key",
                      "-subj", f"/CN={name}", "-out", f"{name}.csr")  # fmt: skip
        self._openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", f"{by}.crt",
                      "-keyfile", f"{by}.key", "-in", f"{name}.csr", "-extfile", f"{name}.ext",
                      "-startdate", valid[0], "-enddate", valid[1],
                      "-out", f"{name}.crt")  # fmt: skip

    def encrypt(self, key: str, *, into: str, password: str) -> None:
        """A copy of a key that asks for a password."""
        self._openssl("pkey", "-in", key, "-aes256", "-passout", f"pass:{password}", "-out", into)

    def _openssl(self, *arguments: str) -> None:
        tool = shutil.which("openssl")
        if tool is None:
            raise NoOpenSSL("openssl is not installed")
        subprocess.run([tool, *arguments], cwd=self.folder, check=True, capture_output=True)
