"""How often a wish that nothing here can answer is called a strong match.

`python -m tools.evaluation.false_confidence [FOLDER]`: 100 nouns and 50 artists that are absent,
and up to 100 nouns that are there, put to the starter gallery and, where a folder of labelled
paintings is given or lies in its usual place, to these. None of the nouns calibrates the search.
Samples of the paintings, as small as the gallery and larger, say how right a match is by size.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from glance_agent.domain.folding import folded
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.search.reference_queries import listed
from glance_agent.sources.starter import entries, folder
from tools.evaluation.measures import mean
from tools.evaluation.paintings import Exhibition, available, load_gallery, load_paintings
from tools.evaluation.questions import BY_TITLES, about_gallery, about_paintings
from tools.evaluation.rivals import DEPTH, House, housed
from tools.evaluation.verdicts import reliability

STRONG = 0.8
MOST_PRESENT = 100
SAMPLES = {68: 6, 150: 3, 300: 2}
"""Sizes of small libraries, the gallery's among them, and how many of each are drawn."""
NOUNS = listed(
    "a giraffe|a penguin|a kangaroo|a polar bear|a crocodile|an octopus|a jellyfish|a panda|a koala"
    "|a rhinoceros|a hippopotamus|a gorilla|a zebra|a flamingo|a hedgehog|a bat|a scorpion|a whale"
    "|a shark|a dinosaur|a mammoth|a unicorn|an astronaut|a submarine|a rocket|a hot air balloon"
    "|a parachute|a tank|a machine gun|a hand grenade|a bulldozer|a crane on a building site"
    "|a tractor|a combine harvester|a tram|an escalator|a lift|a cable car|a ski jump|a snowboard"
    "|a surfboard|a trampoline|a ferris wheel|a carousel|a circus tent|a casino|a roulette wheel"
    "|a chessboard|playing cards|a pinball machine|a typewriter|a telephone box|a radio"
    "|a gramophone|a camera|a projector|headphones|an electric guitar|a saxophone|a drum kit"
    "|a piano|a harp"
    "|a trombone|bagpipes|a banjo|an accordion|a sewing machine|a lawn mower|an iron|a toaster"
    "|a kettle|a blender|a bathtub|a shower|a hair dryer|a razor|lipstick|sunglasses|a wristwatch"
    "|an alarm clock|a globe|a microscope|a telescope|a stethoscope|a syringe|a skeleton|a dentist"
    "|a surgeon|a firefighter|a policeman|a hairdresser|a pizza|a birthday cake"
    "|an ice cream|a pineapple"
    "|a banana|popcorn|spaghetti|a cactus|a wind turbine|a skyscraper|a lighthouse keeper's dog"
)
ARTISTS = listed(
    "banksy|jeff koons|damien hirst|mark rothko|jackson pollock|andy warhol|yayoi kusama"
    "|keith haring"
    "|jean-michel basquiat|roy lichtenstein|david hockney|lucian freud|francis bacon"
    "|gerhard richter"
    "|anselm kiefer|joseph beuys|yves klein|willem de kooning|cy twombly|jasper johns|joan mitchell"
    "|lee krasner|louise bourgeois|bridget riley|victor vasarely|fernando botero|tamara de lempicka"
    "|salvador dali|rene magritte|max ernst|joan miro|frida kahlo|diego rivera|marcel duchamp"
    "|georgia o'keeffe|m. c. escher|grant wood|ai weiwei|takashi murakami|tracey emin|jenny holzer"
    "|kara walker|barbara hepworth|henry moore|kaethe kollwitz|otto dix|hilma af klint"
    "|zdzislaw beksinski|remedios varo|leonora carrington"
)
"""Most have died too late for collections that anybody may show."""


def main() -> None:
    """Print the figures."""
    encoder = open_encoder("glance-mini", None, threads=2, memory_arena=True, prepacking=True)
    _tell("gallery", load_gallery(folder(), entries(), encoder), encoder)
    paintings = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/paintings")
    if available(paintings):
        exhibition = load_paintings(paintings, frozenset({"dev"}), encoder)
        _tell("paintings", exhibition, encoder)
        for size, times in SAMPLES.items():
            print(f"{size:4} paintings: {_by_match(exhibition, encoder, size, times)}")


def _by_match(exhibition: Exhibition, encoder: OnnxEncoder, size: int, times: int) -> str:
    """How many works of each match are right in random samples of so many works."""
    works, right = Counter[str](), Counter[str]()
    for seed in range(times):
        chosen = sorted(Random(seed).sample(range(len(exhibition.works)), size))
        sample = tuple(exhibition.works[i] for i in chosen)
        fixed = [q for q in about_paintings(sample) if q.kind not in BY_TITLES]
        part = Exhibition("sample", sample, exhibition.matrix[chosen], exhibition.space)
        with housed(part, encoder) as house:
            found = reliability(lambda text: house.find(text, DEPTH), sample, fixed)
        for tenth, figures in found.items():
            works[tenth] += round(figures["works"])
            right[tenth] += round(figures["works"] * figures["right"])
    return ", ".join(f"{t} {right[t] / works[t]:.2f} of {works[t]}" for t in sorted(works))


def _tell(name: str, exhibition: Exhibition, encoder: OnnxEncoder) -> None:
    labels = " ".join(
        folded(f"{w.artwork.title} {w.artwork.artist or ''} {' '.join(w.artwork.tags)}")
        for w in exhibition.works
    ).split()
    here = frozenset(labels)
    nouns = [noun for noun in NOUNS if here.isdisjoint(folded(noun).split()[1:])]
    artists = [artist for artist in ARTISTS if folded(artist).split()[-1] not in here]
    tags = Counter(tag for w in exhibition.works for tag in w.tags or w.artwork.tags)
    present = [tag for tag, _ in tags.most_common(MOST_PRESENT)]
    gallery = name == "gallery"
    questions = (about_gallery if gallery else about_paintings)(exhibition.works)
    fixed = [q for q in questions if q.kind not in BY_TITLES]
    with housed(exhibition, encoder) as house:
        for kind, wishes in (
            ("nouns absent", nouns),
            ("artists absent", artists),
            ("there", present),
        ):
            print(f"{name:10}{kind:16}{_figures(house, wishes)}")
        found = reliability(lambda text: house.find(text, DEPTH), exhibition.works, fixed)
    strong = [(f["works"], f["right"]) for tenth, f in found.items() if float(tenth) >= STRONG]
    works = sum(count for count, _ in strong)
    right = sum(count * share for count, share in strong) / max(works, 1)
    print(f"{name:10}of {works:.0f} works at {STRONG} and more, {right:.2f} are right")


def _figures(house: House, wishes: Sequence[str]) -> str:
    found = [house.find(wish) for wish in wishes]
    best = [max((hit.match for hit in each.hits), default=0.0) for each in found]
    strong = mean([float(match >= STRONG) for match in best])
    sure = mean([float(each.sure) for each in found])
    return (
        f"{len(wishes):4} wishes: strong {strong:.2f}, sure {sure:.2f}, mean match {mean(best):.2f}"
    )


if __name__ == "__main__":
    main()
