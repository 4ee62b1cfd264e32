"""What can be set about how pictures look on a display."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from glance_agent.domain.languages import ENGLISH
from glance_agent.domain.quiet import QuietWindow, never_ends, quiet_window
from glance_agent.domain.said import say
from glance_agent.domain.spelling import PathSetting
from glance_agent.domain.wall_label import LABEL_FIELDS, Label, LabelField

if TYPE_CHECKING:
    from glance_agent.domain.panel import Format, PanelProfile

COLOUR = r"#[0-9a-fA-F]{6}"
SUFFIXES: Final[dict[Format, str]] = {"jpeg": "jpg", "png": "png", "bmp": "bmp"}
"""How the name of a file ends, by how pictures are sent."""


class NightSettings(BaseModel):
    """When it is night for a screen, and how it shines then."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", populate_by_name=True)

    begins: str = Field(alias="from", description="When night begins, such as 21:00.")
    ends: str = Field(alias="to", description="When it ends.")
    brightness: float = Field(0.4, ge=0.05, le=1, description="Share of the light that is left.")
    warmth: float = Field(1.0, ge=0, le=1, description="1 takes a quarter of the blue.")

    @model_validator(mode="after")
    def _is_a_part_of_the_day(self) -> Self:
        if never_ends([self.window]):
            raise ValueError(say("this night never ends: set brightness and warmth of the display"))
        return self

    @property
    def window(self) -> QuietWindow:
        """The hours of the night."""
        return quiet_window(f"{self.begins}-{self.ends}")


Panel = Literal[
    "lcd", "grey", "mono", "grey4", "grey8", "grey16", "bwr", "bwy", "bwry", "spectra6", "acep7",
    "uc8159"
]  # fmt: skip
IN_COLOURS: Final = ("bwr", "bwy", "bwry", "spectra6", "acep7", "uc8159")
"""E-paper with inks beside black and white."""
WidthPx = Annotated[int, Field(ge=16, le=7680, description="Width of the panel in pixels.")]
HeightPx = Annotated[int, Field(ge=16, le=7680, description="Height of the panel in pixels.")]
MostBytes = Annotated[
    int,
    Field(
        ge=5_000,
        le=10_000_000,
        description="Largest picture to publish, in bytes; where it is not set, PNG and BMP may "
        "take what they need.",
    ),
]
Progressive = Annotated[
    bool,
    Field(description="Pictures as progressive JPEGs, a little smaller; simple frames read none."),
]


class AppearanceSettings(BaseModel):
    """The panel, how pictures lie on it, and how they are sent."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    width_px: WidthPx = 1280
    height_px: HeightPx = 800
    panel: Panel = Field(
        "lcd",
        description="What it shows colours with: lcd is any screen, grey one without colours, "
        "the others are e-paper by its inks.",
    )
    rotation: Literal[0, 90, 180, 270] = Field(
        0,
        description="Degrees by which pictures are turned clockwise before they are sent; width "
        "and height are as people see them.",
    )
    fit: Literal["contain", "cover", "smart"] = Field(
        "contain",
        description="contain shows the whole picture; cover fills and crops; smart fills where "
        "little is lost, and nothing that matters.",
    )
    max_crop: float = Field(
        0.15, ge=0, le=0.5, description="smart crops at most this share of a picture."
    )
    max_enlargement: float = Field(
        2.0,
        ge=1,
        le=16,
        description="A picture that is shown whole is enlarged at most this many times.",
    )
    pairs: Literal["never", "auto"] = Field(
        "never",
        description="auto hangs two pictures that stand beside each other where the panel lies, "
        "and one that lies above another where it stands.",
    )
    mat: str = Field(
        "auto",
        pattern=rf"^(auto|dark|light|{COLOUR})$",
        description="Colour around the picture: #rrggbb, or by the picture dark, light or auto.",
    )
    mat_style: Literal["plain", "framed", "blur"] = Field(
        "plain",
        description="plain fills what the picture leaves; framed is a mat all around, as framers "
        "cut it; blur is the picture, enlarged and blurred.",
    )
    mat_width: float = Field(
        0.08,
        ge=0,
        le=0.3,
        description="Width of a framed mat, as a share of the panel's short side; below 1.15 "
        "times as wide.",
    )
    mat_bevel: bool = Field(
        True, description="A framed mat shows its cut edge and casts a shadow on the picture."
    )
    mat_varies: bool = Field(
        False, description="Each picture has another mat, so that nothing burns into an OLED."
    )
    label: Literal["never", "always"] | Annotated[int, Field(ge=3, le=3_600)] = Field(
        "never",
        description="Whether a museum's label stands beside each picture: never, always, or for so "
        "many seconds after a change.",
    )
    label_fields: tuple[LabelField, ...] = Field(
        LABEL_FIELDS,
        min_length=1,
        description="What labels say, of artist, title, date, medium and credit.",
    )
    label_height: float = Field(
        0.022, ge=0.01, le=0.1, description="Height of a label's line, as a share of the panel's."
    )
    label_code: bool = Field(
        False, description="Labels have a code that leads phones to the museum's page."
    )
    label_font: PathSetting | None = Field(
        None, description="A font file for labels, for letters that ours lacks."
    )
    brightness: float = Field(
        1.0, ge=0.05, le=1, description="Share of the light that a screen gives."
    )
    warmth: float = Field(
        0.0, ge=0, le=1, description="How warm a screen's light is: 1 takes a quarter of the blue."
    )
    night: NightSettings | None = Field(
        None, description="From when to when a screen shines in another way, as local time has it."
    )
    saturation: float = Field(
        1.4, ge=0, le=2, description="How colourful e-paper is; 1 is as its inks follow."
    )
    contrast: float = Field(1.0, ge=0.5, le=2, description="How contrasty e-paper is; 1 is as is.")
    dither: Literal["auto", "burkes", "floyd-steinberg", "atkinson", "stucki", "none"] = Field(
        "auto", description="How inks are spread; none is for drawings and text."
    )
    encoding: Literal["auto", "jpeg", "png", "bmp"] = Field(
        "auto", description="How pictures are sent; auto is jpeg, and png for e-paper."
    )
    max_image_bytes: MostBytes = 300_000
    progressive: Progressive = True

    full_colour: ClassVar[bool] = True
    """Whether JPEGs may have all of their colours' pixels, which some devices do not read."""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if fault := impossible(self):
            raise ValueError(fault)
        return self

    @property
    def is_paper(self) -> bool:
        """Whether pictures are made of inks."""
        return self.panel not in ("lcd", "grey")

    @property
    def format(self) -> Format:
        """How pictures are sent."""
        return self.encoding if self.encoding != "auto" else "png" if self.is_paper else "jpeg"

    @property
    def suffix(self) -> str:
        """How the names of its pictures end."""
        return SUFFIXES[self.format]

    def profile(self, most_bytes: int, language: str = ENGLISH) -> PanelProfile:
        """What pictures are rendered by; `most_bytes` is what comes through on the way there,
        `language` what labels say words of the agent's own in."""
        from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile, Tone

        mat = Mat(
            self.mat_style,
            # Dithered, a coloured mat is noise around the picture, and its bevel a broken line.
            "#ffffff" if self.is_paper and self.mat == "auto" else self.mat,
            self.mat_width,
            bevel=self.mat_bevel and not self.is_paper,
            varies=self.mat_varies,
        )
        return PanelProfile(
            (self.width_px, self.height_px),
            min(self._most_bytes, most_bytes),
            layout=Layout(self.fit, self.max_crop, self.max_enlargement, mat),
            tone=Tone(self.brightness, self.warmth, self.contrast, self.saturation),
            panel=self.panel,
            dither=self.dither,
            rotation=self.rotation,
            encoding=Encoding(self.format, self.progressive, self.full_colour),
            label=self._label(language),
        )

    def _label(self, language: str) -> Label | None:
        font = str(self.label_font) if self.label_font else None
        label = Label(self.label_fields, self.label_height, self.label_code, font, language)
        return label if self.label != "never" else None

    @property
    def label_stays(self) -> timedelta | None:
        """How long labels stay after a change; None for always, or never."""
        return timedelta(seconds=self.label) if isinstance(self.label, int) else None

    @property
    def _most_bytes(self) -> int:
        """What is set, or where nothing is what encodings without loss may take."""
        if self.format == "jpeg" or "max_image_bytes" in self.model_fields_set:
            return self.max_image_bytes
        return max(self.max_image_bytes, round(1.2 * plain_bytes(self)))


def impossible(look: AppearanceSettings) -> str | None:
    """Why no picture can be rendered by these settings, and what to write instead."""
    if look.is_paper and look.format == "jpeg":
        return say(
            "a JPEG blurs the inks of a {panel} panel: write encoding = “png” or “bmp”, or "
            "panel = “lcd” where the display chooses its inks by itself",
            panel=look.panel,
        )
    if look.is_paper and (look.brightness < 1 or look.warmth > 0):
        return say(
            "brightness and warmth are for screens that shine; {panel} is e-paper",
            panel=look.panel,
        )
    if look.night is not None and look.panel != "lcd":
        return say(
            "a night is for screens that shine; {panel} is none: leave it out", panel=look.panel
        )
    if look.label_stays is not None and look.panel != "lcd":
        return say(
            "a {panel} panel would change twice for each picture to take its label away: write "
            "label = “always” or “never”",
            panel=look.panel,
        )
    if look.is_paper and look.mat_style == "blur":
        return say(
            "a blurred mat is noise in the inks of {panel}: write mat_style = “plain”",
            panel=look.panel,
        )
    needed, allowed = least_bytes(look), look.max_image_bytes
    if needed > allowed and "max_image_bytes" in look.model_fields_set:
        return say(
            "{size} pixels as {format} take about {needed} bytes, and max_image_bytes allows "
            "{allowed}: raise it",
            size=f"{look.width_px} x {look.height_px}",
            format=look.format.upper(),
            needed=str(needed),
            allowed=str(allowed),
        )
    return None


def plain_bytes(look: AppearanceSettings) -> int:
    """What the pixels take where nothing is compressed."""
    pixels = look.width_px * look.height_px
    if look.format == "bmp":
        return 1_100 + pixels * _BMP_BITS.get(look.panel, 8) // 8
    return 1_100 + pixels * _PNG_BITS.get(look.panel, 4) // 8


def least_bytes(look: AppearanceSettings) -> int:
    """What a picture takes at the least: a quarter of its pixels as PNG, all of them as BMP."""
    plain = plain_bytes(look)
    return {"bmp": plain - 1_100, "png": plain // 4, "jpeg": 0}[look.format]


_BMP_BITS = {"lcd": 24, "mono": 1}
_PNG_BITS = {"lcd": 24, "grey": 8, "mono": 1, "grey4": 2, "bwr": 2, "bwy": 2, "bwry": 2}
