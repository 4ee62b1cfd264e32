"""The family that ships: Literata, its scripts put together into one file for each style.

`npm pack @fontsource/literata@5.3.0`, unpack it, and `python -m tools.fonts package/` writes
`glance_agent/fonts/`. Browsers and Pillow read WOFF2 alike. Needs `pip install fonttools brotli`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent.parent / "glance_agent" / "fonts"
SCRIPTS = ("latin", "latin-ext", "vietnamese", "greek", "greek-ext", "cyrillic", "cyrillic-ext")
STYLES = {"normal": "literata.woff2", "italic": "literata-italic.woff2"}


def put_together(package: Path, style: str, to: Path) -> None:
    """One file of all scripts, at `to`."""
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for script in SCRIPTS:
            font = TTFont(package / "files" / f"literata-{script}-400-{style}.woff2")
            font.flavor = None
            parts.append(f"{folder}/{script}.ttf")
            font.save(parts[-1])
        whole = Merger().merge(parts)
    whole.flavor = "woff2"
    whole.save(to)


def main() -> None:
    """Write both styles and the licence."""
    package = Path(sys.argv[1])
    for style, name in STYLES.items():
        put_together(package, style, FONTS / name)
    shutil.copyfile(package / "LICENSE", FONTS / "OFL.txt")


if __name__ == "__main__":
    main()
