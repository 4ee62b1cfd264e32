"""The models we know, as data: where they come from, what goes in, what comes out.

Three places, later ones last: `catalogue.toml` beside this file, the model that the package
itself carries (`embedded/entry.toml`), and a `catalogue.toml` that the owner may put into the
models directory, with entries of the same form.
"""

from __future__ import annotations

import platform
import tomllib
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from glance_agent.domain.errors import ModelError
from glance_agent.domain.said import in_a_row, say

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Repository = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Role = Literal["image", "text", "both", "tokenizer", "projection"]
Fit = Literal["pad", "squash", "crop"]
Resample = Literal["bicubic", "bilinear", "lanczos"]
TokenizerKind = Literal["clip-bpe", "siglip", "gemma", "wordpiece", "letters", "folded", "bert"]
CleanUp = Literal["clip", "canonicalize", "none"]
Triple = tuple[float, float, float]

EMBEDDED = Path(__file__).parent.parent / "embedded"
_CLEAN_UP: dict[TokenizerKind, CleanUp] = {
    "clip-bpe": "clip",
    "siglip": "canonicalize",
    "gemma": "canonicalize",
    "wordpiece": "none",
    "letters": "none",
    "folded": "none",
    "bert": "none",
}


_UNREAD = frozenset({"logit_scale", "logit_bias"})
"""What entries may tell of how likenesses become odds: that is measured over the library itself."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


class ModelFile(_Data):
    """One file of a model. An unknown size or SHA-256 is pinned at the first download."""

    role: Role
    path: str = Field(description="Path in the repository, with forward slashes.")
    repository: Repository | None = Field(None, description="Where it is not the model's own.")
    revision: Revision | None = Field(None, description="Where it is not the model's own.")
    bytes: int | None = Field(None, gt=0)
    sha256: Sha256 | None = None
    quantised: bool = Field(False, description="Vectors then depend on processor and batch.")
    machine: Literal["x86", "arm"] | None = Field(None, description="Only for this processor.")

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path:
            raise ValueError("a path has to stay inside the repository")
        return path


class CatalogueModel(_Data):
    """One model: everything needed to fetch it and to run it as it was trained."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    title: str = ""
    repository: Repository | None = Field(None, description="None: the package carries it.")
    revision: Revision
    licence: str
    warning: str | None = None
    image_model: str | None = Field(None, description="The model whose image space it shares.")
    dimension: int = Field(gt=0, le=8192)
    image_size_px: int = Field(gt=0, le=2048)
    fit: Fit = "pad"
    fill: tuple[int, int, int] = Field((0, 0, 0), description="RGB around a padded picture.")
    resample: Resample = "bicubic"
    mean: Triple = (0.48145466, 0.4578275, 0.40821073)
    std: Triple = (0.26862954, 0.26130258, 0.27577711)
    image_input: str = "pixel_values"
    image_output: str = "image_embeds"
    text_input: str = "input_ids"
    text_output: str = "text_embeds"
    tokenizer: TokenizerKind
    clean_up: CleanUp | None = Field(None, description="By default what the tokenizer kind asks.")
    text_threads: int | None = Field(None, gt=0, description="More cost a small tower time.")
    context_length: int = Field(gt=1, le=4096)
    pad_rule: Literal["none", "to_context"]
    pad_id: int = Field(0, ge=0)
    pooling: Literal["none", "mean-dense"] = "none"
    max_batch: int = Field(1, ge=1, le=256)
    ram_mb: int | None = Field(None, gt=0)
    imagenet_r: float | None = Field(None, description="Published zero-shot accuracy on art.")
    measured: str | None = None
    files: tuple[ModelFile, ...] = Field(min_length=2)

    @model_validator(mode="before")
    @classmethod
    def _files_by_name(cls, raw: Any) -> Any:
        """Accepts files as a table too, `[files."image.onnx"]`, the role told by the name.

        What entries once told and nothing reads is left out.
        """
        if isinstance(raw, dict):
            raw = {key: value for key, value in raw.items() if key not in _UNREAD}
        files = raw.get("files") if isinstance(raw, dict) else None
        if isinstance(files, dict):
            files = [{"path": path, **about} for path, about in files.items()]
        if isinstance(files, list):
            raw = {**raw, "files": [_with_role(file) for file in files]}
        return raw

    @model_validator(mode="after")
    def _runnable(self) -> CatalogueModel:
        roles = {f.role for f in self.files}
        if "tokenizer" not in roles or not ("both" in roles or {"image", "text"} <= roles):
            raise ValueError("a model needs an image tower, a text tower and a tokenizer")
        if self.pooling == "mean-dense" and "projection" not in roles:
            raise ValueError("the pooling mean-dense needs a file of role projection")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the package itself carries the files."""
        return self.repository is None

    @property
    def text_clean_up(self) -> CleanUp:
        return self.clean_up or _CLEAN_UP[self.tokenizer]

    @property
    def wanted_files(self) -> tuple[ModelFile, ...]:
        """The files that this machine needs."""
        here = machine_family()
        return tuple(f for f in self.files if f.machine in (None, here))

    @property
    def bytes(self) -> int | None:
        """The size on disk, or None while a size is not known."""
        sizes = [f.bytes for f in self.wanted_files]
        return None if None in sizes else sum(s for s in sizes if s)

    def file(self, role: Role) -> ModelFile:
        """The file that plays this role; one of role `both` is either tower. Raises ModelError."""
        wanted = (role, "both") if role in ("image", "text") else (role,)
        found = [f for f in self.wanted_files if f.role in wanted]
        if not found:
            raise ModelError(
                say(
                    "The model {name} has no {role} file for this processor.",
                    name=self.name,
                    role=role,
                )
            )
        return found[0]


def machine_family() -> str:
    """`x86`, `arm`, or the processor's own name: 8-bit vectors differ between them."""
    name = platform.machine().lower()
    if name in ("x86_64", "amd64", "i686"):
        return "x86"
    return "arm" if name in ("aarch64", "arm64") else name or "unknown"


def catalogue(directory: Path | None = None) -> dict[str, CatalogueModel]:
    """Every known model by name; raises ModelError where a catalogue file is not valid."""
    own = directory / "catalogue.toml" if directory else None
    entries = dict(_built_in())
    if own and own.is_file():
        entries |= {e.name: e for e in _read(own)}
    return entries


def find(name: str, directory: Path | None = None) -> CatalogueModel:
    """The model of this name; raises ModelError that names the nearest, and all there are."""
    entries = catalogue(directory)
    if name not in entries:
        near = get_close_matches(name, entries, n=1)
        guess = say("Did you mean “{said}”?", said=near[0]) if near else ""
        known = ", ".join(sorted(entries))
        raise ModelError(
            in_a_row(
                say("There is no model {name}.", name=name),
                guess,
                say("Known are: {known}.", known=known),
            )
        )
    return entries[name]


def carried() -> str | None:
    """The name of the model that the package itself carries."""
    return next((name for name, entry in _built_in().items() if entry.embedded), None)


@cache
def _built_in() -> dict[str, CatalogueModel]:
    entries = _read(Path(__file__).with_name("catalogue.toml"))
    carried = EMBEDDED / "entry.toml"
    if carried.is_file():
        entries = [*_read(carried), *entries]
    return {entry.name: entry for entry in entries}


def _read(path: Path) -> list[CatalogueModel]:
    """The entries of a file: `[[models]]` tables, or one entry at the top level."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return [CatalogueModel.model_validate(raw) for raw in data.get("models", [data])]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            say("The model catalogue {file} cannot be read: {why}.", file=path.name, why=error)
        ) from error
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(
            say(
                "The model catalogue {file} is not valid: {where}: {why}.",
                file=path.name,
                where=where,
                why=first["msg"],
            )
        ) from None


def _with_role(file: Any) -> Any:
    """The file with `path` for `name`, and the role that a plain name such as image.onnx tells."""
    if not isinstance(file, dict):
        return file
    file = dict(file)
    if "name" in file:
        file["path"] = file.pop("name")
    file.setdefault("role", PurePosixPath(str(file.get("path", ""))).stem)
    return file
