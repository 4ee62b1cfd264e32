"""Is what is not wanted avoided in ten languages?

`python -m tools.evaluation.negated [FOLDER]` puts the questions of the class “negative” to labelled
paintings, as each language says them, and tells the mean precision of the first ten; beside it
that of the same words in quotation marks, of which no “without” is heard.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from glance_agent.embedding.encoder import open_encoder
from tools.evaluation.cli import PAINTINGS
from tools.evaluation.measures import mean
from tools.evaluation.paintings import load_paintings
from tools.evaluation.questions import negatives
from tools.evaluation.rivals import DEPTH, House, housed
from tools.evaluation.searching import ask

SAID = {
    "en": tuple(question.text for question in negatives()),
    "de": (
        "Landschaft ohne Wasser", "Landschaft, nicht dunkel", "Porträt, nicht dunkel",
        "Porträt, aber keine Frau", "Stillleben ohne Blumen", "helles Gemälde ohne Menschen",
        "Barockgemälde, nichts mit Religion", "impressionistisches Gemälde, keine Landschaft",
    ),
    "fr": (
        "paysage sans eau", "paysage, pas sombre", "portrait, pas sombre",
        "portrait, mais pas de femme", "nature morte sans fleurs", "tableau clair sans personne",
        "tableau baroque, rien de religieux", "tableau impressionniste, pas de paysage",
    ),
    "es": (
        "paisaje sin agua", "paisaje, no oscuro", "retrato, no oscuro", "retrato, pero no de mujer",
        "naturaleza muerta sin flores", "cuadro claro sin gente",
        "cuadro barroco, nada de religioso", "cuadro impresionista sin paisaje",
    ),
    "it": (
        "paesaggio senza acqua", "paesaggio, non scuro", "ritratto, non scuro",
        "ritratto, ma non di donna", "natura morta senza fiori", "dipinto chiaro senza nessuno",
        "dipinto barocco, niente di religioso", "dipinto impressionista, niente paesaggio",
    ),
    "nl": (
        "landschap zonder water", "landschap, niet donker", "portret, niet donker",
        "portret, maar geen vrouw", "stilleven zonder bloemen", "licht schilderij zonder mensen",
        "barok schilderij, niet religieus", "impressionistisch schilderij zonder landschap",
    ),
    "pt": (
        "paisagem sem água", "paisagem, não escura", "retrato, não escuro",
        "retrato, mas não de mulher", "natureza morta sem flores", "pintura clara sem pessoas",
        "pintura barroca, nada de religioso", "pintura impressionista sem paisagem",
    ),
    "pl": (
        "krajobraz bez wody", "krajobraz, bez ciemności", "portret, bez ciemności",
        "portret bez kobiety", "martwa natura bez kwiatów", "jasny obraz bez ludzi",
        "obraz barokowy bez religii", "obraz impresjonistyczny bez krajobrazu",
    ),
    "sv": (
        "landskap utan vatten", "landskap, inte mörkt", "porträtt, inte mörkt",
        "porträtt utan kvinna", "stilleben utan blommor", "ljus målning utan människor",
        "barockmålning, inte religiös", "impressionistisk målning utan landskap",
    ),
    "da": (
        "landskab uden vand", "landskab, ikke mørkt", "portræt, ikke mørkt", "portræt uden kvinde",
        "stilleben uden blomster", "lyst maleri uden mennesker", "barokmaleri, ikke religiøst",
        "impressionistisk maleri uden landskab",
    ),
}  # fmt: skip
"""The questions of `negatives`, in their order."""


def precision_of(house: House, *, quoted: bool) -> dict[str, float]:
    """The mean precision of the first ten, by language."""

    def found(text: str) -> list[str]:
        hits = house.find(f"“{text.replace(',', '')}”" if quoted else text, DEPTH).hits
        return [hit.artwork_id for hit in hits]

    figures = {}
    for code, said in SAID.items():
        questions = [
            replace(question, text=text) for question, text in zip(negatives(), said, strict=True)
        ]
        answers = ask(house.exhibition.works, questions, {"hybrid": found})
        figures[code] = mean([a.precision for a in answers if a.rival == "hybrid"])
    return figures


def main() -> None:
    """Print a line for each way."""
    paintings = Path(sys.argv[1]) if len(sys.argv) > 1 else PAINTINGS
    model = open_encoder("glance-mini", None, threads=1, memory_arena=True, prepacking=True)
    with housed(load_paintings(paintings, frozenset({"dev"}), model), model) as house:
        for name, quoted in (("as they are", False), ("in quotation marks", True)):
            figures = precision_of(house, quoted=quoted).items()
            print(f"{name:20}", *(f"{code} {share:.2f}" for code, share in figures))


if __name__ == "__main__":
    main()
