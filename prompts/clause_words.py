"""The words by which a clause of a prompt is taken for one thing or another, beside those of the lexicon. Pure data."""

from prompts.listing import words

FUNCTION_WORDS = words("""
    a an the this that these those his her its their my your our some any each every no one two three
    of in on at by to from with without into onto over under through across along around between behind beside near above below
    inside outside towards toward up down off out as like for against amid among beneath beyond during within
    is are was were be been being am has have had do does did will would can could
    and or but nor so yet than then while when where which who whose whom that if because though although until since before after
    she he they it we i you there here him them us me very too just only still again slowly softly gently almost
""")
"""Words that say nothing of what a clause is about."""

STARTS_A_THING = words("a an the this that these those his her its their my your our some two three four five several many")
"""A clause that begins with one of these tells of a thing or a person."""

PRONOUNS = words("she he they it we i you there everyone everybody someone somebody nobody everything")
"""A clause that begins with one of these is a sentence of its own: who does it is told."""

HANGS_ON = words("""
    and or but nor so yet then than while when where which who whose whom that if because though although until since before
    after as like with without plus also not both either
""")
"""A clause that begins with one of these belongs to the one before it."""

FRAMING_NOUNS = words("shot angle angles pov framing viewpoint")
TELLS_MORE = words("of on from over at in across with looking facing showing")
"""What may follow the noun that a clause is about: "low-angle shot of …"; "a man shot down …" is no framing."""

SLUGS = words("int ext")
"""The heading of a scene begins with one of these, and stands before everything."""

CAMERA_HEADS = words("""
    camera handheld steadicam gimbal drone dolly lens tracking timelapse hyperlapse fps slowmo crane jib zoom tripod
""")
"""A clause whose first word of its own is one of these speaks of the camera; so does "slow motion"."""

LIGHT_NOUNS = words("""
    light lights lighting glow sunlight sunshine moonlight candlelight lamplight firelight backlight shadow shadows illumination
    palette tones hues colours colors contrast ambience atmosphere mood
""")
"""A clause whose last word of its own is one of these speaks of the light."""

NOT_GERUNDS = words(
    "morning evening building ceiling raining snowing king ring spring string thing nothing something everything wing lighting"
)
"""Nouns that end like a verb's -ing."""

ABBREVIATIONS = words("dr mr mrs ms st vs etc no int ext prof sr jr mt approx feat fig ft")
"""A full stop after these ends no sentence."""

LOWERED_INSIDE = words("""
    a an the this that these those his her its their my your our some in on at by from over under through across along around
    between behind beside near above below inside outside during he she it they we there two three several many
""")
"""First words that lose their capital inside a sentence; any other capital may be a name's."""

OF_OTHER_LANGUAGES = words("""
    der die das ein eine einer einem einen und mit ist auf durch nicht im am zum zur bei
    le la les une des du et dans avec sur est au aux qui pas
    el los las una y con por del al que en se es
    il lo gli di che nel nella sul della e un uno
    o os um uma com não na nas dos das ao
    het een van op met zijn niet
    och en ett med av på som
""")
"""Small words of German, French, Spanish, Italian, Portuguese, Dutch and Swedish; those that are English words too are read as
English."""
