"""Lists of queries: what people ask of pictures, what no picture answers, and what others do.

What the ordinary ones score over a library says how well a wish is answered there, which pictures
answer everything (hubs), and in which words a taste may be described. What the foreign ones score
says how near to nonsense some picture always lies; what is shown elsewhere, how near some picture
lies to a thing that it does not show.
"""

from __future__ import annotations


def listed(phrases: str) -> tuple[str, ...]:
    """The phrases between the bars."""
    return tuple(phrases.split("|"))


SUBJECTS = listed(
    "a landscape|a portrait|a still life|the sea|a river|a lake|a waterfall|a forest|mountains"
    "|hills and fields|a garden|flowers in a vase|roses|trees|a city|a street|a village|a house"
    "|a castle|ruins|a church|a bridge|a windmill|a harbor|ships and boats|a beach|an island"
    "|a cafe|a market|an interior|a kitchen|a woman|a man|a child|mother and child|an old man"
    "|a family|a crowd of people|a couple|dancers|musicians|a reader|a self portrait|a nude"
    "|bathers|peasants at work|a soldier|a battle|a king|a queen|a horse|dogs|cats|birds|cattle"
    "|fish|a lion|insects|fruit|bread and wine|a table|books|a mask|a mirror|a window|a boat"
    "|the madonna|christ|an angel|a saint|a mythological scene|a bible story|a skull|the moon"
    "|stars|clouds|a map|an animal|a face|hands|an eye|a costume|a lady with a fan|an actor"
    "|mount fuji|a railway station|a road|snow|rain|fog|wind|a storm|sunset|sunrise|night"
    "|moonlight|autumn|winter|spring|summer|evening light|reflections in water"
)
LOOKS = listed(
    "blue|dark blue|red|green|yellow|orange|brown|purple|pink|turquoise|gold|black and white"
    "|gray|beige|white|pastel colours|earth tones|vivid colours|muted colours|warm colours"
    "|cool colours|dark|bright|high contrast|soft light|candle light|shadows|a single colour"
)
MOODS = listed(
    "calm|peaceful|dramatic|melancholy|cheerful|lonely|romantic|mysterious|dreamy|joyful|solemn"
    "|tender|wild|gloomy|energetic|elegant|playful|quiet|warm and cosy|cold|nostalgic|frightening"
    "|majestic|simple and plain"
)
STYLES = listed(
    "impressionism|post-impressionism|baroque|rococo|renaissance|cubism|expressionism|fauvism"
    "|pointillism|symbolism|romanticism|realism|surrealism|abstract art|art nouveau|minimalism"
    "|a japanese woodblock print|a chinese ink painting|naive art|an engraving|an etching"
    "|a lithograph|a poster|a watercolour|an oil painting|a pencil drawing|a sketch|a pastel"
    "|a fresco|a mosaic|a tapestry|a sculpture|a ceramic vase|a photograph|a textile pattern"
    "|calligraphy|an illuminated manuscript|geometric shapes|brush strokes|a collage"
)
REFERENCE_QUERIES = (*SUBJECTS, *LOOKS, *MOODS, *STYLES)
FOREIGN_QUERIES = listed(
    "a tax form|an annual financial report|a bar chart|a spreadsheet|source code|an error message"
    "|a login screen|a circuit board|a web page|a smartphone|a television|a desktop computer"
    "|a microphone|a washing machine|a vacuum cleaner|a microwave oven|a fridge|a credit card"
    "|a passport photo|an x-ray|a blood test|a hospital bed|a vaccine|molecules|an equation"
    "|a microscope slide|a satellite dish|a space shuttle|a robot|an electric car|a jet fighter"
    "|a truck on the motorway|a helicopter|a parking lot|a supermarket|an office cubicle"
    "|a shopping cart|a gym|a basketball game|tennis|a hamburger|french fries|a soda can|sushi"
    "|a logo|a barcode|a user manual|a phone number|a password|an email address|a bus timetable"
    "|a video game|a meme|a cartoon character|a superhero|a selfie|a rock concert|plastic bottles"
    "|a nuclear power plant|solar panels|an oil rig|a skateboard|a motorcycle|a wheelchair"
    "|a toilet|a toothbrush|sneakers|jeans|a baseball cap|a battery|a screwdriver|inflation rate"
    "|insurance contract|election results|terms and conditions|job interview|software update"
    "|machine learning|bank account|customer service|legal advice|bacteria|a black hole"
    "|qwxz|lkjh gfds|brmbl|hhhhh|aaaa bbbb|xyzzy|foo bar|test|null|undefined|abc123|fnord"
    "|vrtk pln|snorgle|uuuu|zxcvbn|mwah|grmpf|uqbar|kjsdf"
)
"""Offices, devices, modern trades, and letters without a meaning."""
ELSEWHERE_QUERIES = listed(
    "a camel|an elephant|a tiger|a leopard|a bear|a wolf|a fox|a squirrel|a monkey|a turtle|a snake"
    "|a frog|a lobster|a parrot|an owl|a peacock|an ostrich|a seal|a dolphin|a beetle|a bicycle"
    "|a bus|a taxi|a lorry|a fire engine|an airplane|a lighthouse|a factory|a tunnel"
    "|a subway station|an airport|a stadium|a swimming pool|a playground|a trumpet|a flute|a cello"
    "|a tuba|a keyboard|a loudspeaker|a turntable|a calculator|a stapler|a stove|a frying pan"
    "|a coffee machine|a lamp|a ladder|a hammer|a saw|a rope|an umbrella|a suitcase|a backpack"
    "|a helmet|boots|gloves|a necktie|a strawberry|a watermelon|a sandwich|a doughnut|cheese|an egg"
    "|ketchup|chocolate|mushrooms|a carrot|a doctor|a nurse|a pilot|a waiter|a chef|a diver|a clown"
    "|a cowboy|a pirate|a zombie|a vampire|a mermaid|an alien|a pyramid|a volcano|an igloo"
    "|a coral reef|a palm tree|a bamboo forest|a rainbow|lightning"
)
"""Things that pictures show, but few collections each: those that yours has are left out."""

_LITTLE = frozenset({"a", "an", "the", "and", "at", "in", "with", "of", "de"})
COMMON_WORDS = frozenset(
    word
    for phrase in REFERENCE_QUERIES
    for word in phrase.replace("-", " ").split()
    if word not in _LITTLE
)
"""Words that describe pictures, so that an artist of that name (Church, Brown) is not meant."""
GENRES = listed("landscape|seascape|cityscape|portrait|still life|painting")
_KIND_STEMS = frozenset(
    word[:6]
    for phrase in (*LOOKS, *MOODS, *STYLES, *GENRES)
    for word in phrase.split()
    if word not in _LITTLE
)


def names_kind(word: str) -> bool:
    """Whether a word is of style, genre, colour or mood, rather than of what is to be seen."""
    return word[:6] in _KIND_STEMS
