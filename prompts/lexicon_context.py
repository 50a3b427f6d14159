"""The words around a word of the lexicon that make it no statement: names, negations, idioms, and cues of colours. Pure data."""

from prompts.listing import pairs, phrases, words

GIVEN_NAMES = words("""
    dawn misty stormy sunny eve rain storm amber violet scarlet ruby olive jade hazel coral pearl sandy rusty ginger sienna
    ivory indigo lavender azure crimson gray grey brown white black green rose may snow
""")
"""Words of this lexicon and of the colour table that are people's names too."""

VERBS_OF_AN_HOUR = words("""
    breaks rises comes arrives falls settles creeps spreads approaches descends begins turns fades glows lights skies clouds
    rays colours colors shadows mists streets hues tones reflections waves breaking approaching falling coming rising coloured
    colored tinted drenched less across this its towards always perhaps is's
""")
"""What the hour and the light do or have, so that "Dawn breaks" stays an hour while "Dawn hugs" is a woman."""

ENDINGS_OF_STREET_NAMES = words("boulevard blvd strip drive avenue")
"""After an hour they make a street of it ("sunset boulevard"); the street is still a place."""

TITLES = words("mr mrs ms dr prof st")
"""Abbreviations whose full stop ends no sentence, so that a capital after it is a name."""

AUXILIARY_VERBS = words("is was has had will would can could does did says")

KNOWN_PLACES = words("""
    tokyo london paris berlin rome madrid vienna venice prague york new san los las hong shanghai seoul kyoto osaka beijing
    delhi mumbai bangkok cairo lagos nairobi istanbul moscow chicago boston seattle miami brooklyn manhattan shibuya shinjuku
    havana lisbon dublin edinburgh iceland norway scotland alps japan italy france spain mexico rio buenos sydney melbourne
""")
"""Capitalised words that may follow an adjective at the start ("Rainy Tokyo street") without making a name of it."""

NEGATIONS = words("""
    no not never without isn't aren't wasn't doesn't don't nor neither lacks lacking minus sans cannot can't hardly zero avoid
    avoiding exclude excluding
""")

NEGATION_FILLERS = words("""
    a an the any of at in is it its yet even much visible falling longer more sign signs hint trace bit or nor quite during by
    too heavy light thick dense single kind sort be been real actual obvious for
""")
"""What may stand between a negation and what it negates."""

NEGATED_AFTERWARDS = phrases(
    "free, less, stopped, stops, has stopped, has ended, has cleared, is over, clears, lifts, has lifted"
)

NOT_NOW = words("until till since last other previous yesterday tomorrow tomorrow's good remembers remember recalls imagines")
"""Words before an hour that make it another hour than the scene's ("until dawn")."""

DEPICTIONS = words("""
    shade shades colour color dream dreams dreaming dreamed dreamt memory memories smell painting paintings photo photograph
    photographs picture pictures poster mural song poem story stories thought talk talks speaks
""")
"""Nouns whose "of" makes an hour or a weather a thing that is thought of or shown, not the scene's."""

IDIOMS = (
    phrases("""
    midnight oil, midnight snack, midnight mass, shade of night, shades of night, black as night, dark as night,
    like night and day, night and day, day and night, night owl, night gown, night stand, night light, night dress,
    night club, night vision, night mare, good night, good morning, good evening, good afternoon, good day, evening gown,
    evening gowns, evening dress, evening wear, morning coat, morning glory, morning suit, dawn of, twilight zone,
    twilight of, sunset years, golden gate, golden retriever, golden age, golden rule, golden boy, golden girls,
    golden ticket, golden eagle, one day, some day, day job, day off, day dream, modern day, present day, day by day,
    every day, day one, rain coat, rain boots, rain jacket, rain check, rain forest, rain dance, rain barrel, rain man,
    rain of, rain gear, rain hat, purple rain, right as rain, rain or shine, rain on my parade, rain on her parade,
    rain soaked, rain slick, rain slicked, rain washed, rain drenched, rain puddles, after the rain, brain fog, fog of war,
    fog light, fog lights, fog horn, foggiest idea, misty eyes, misty eyed, mist of tears, snow white, snow globe,
    snow leopard, snow cone, snow boots, snow shoes, snow angel, snow queen, storm the, storm out, storm into, storm in,
    storm off, storm trooper, storm drain, storm of, storm up, storm away, lightning fast, lightning speed, lightning bolt,
    lightning bug, lightning quick, thunder of applause, close up shop, wide eyed, wide open, wide awake, medium rare,
    medium sized, world wide, room for, room to, elbow room, head room, bar of, raise the bar, field of view, field of vision,
    depth of field, sea of, landscape format, landscape orientation, landscape painting, square jaw, square feet,
    square jawed, market share, office hours, man made, no man's land, isle of man, action figure, figure skating, figure out,
    figures out, king size, frying pan, peter pan, pan of, pan flute, pots and pans, in real time, static electricity,
    lake of fire, feeling blue, feels blue, blue collar, out of the blue, once in a blue moon, blue jay, blues, blue whale,
    green with envy, green screen, green house, green thumb, green tea, red herring, white lie, white noise, white house,
    black hole, black market, black tie, black sheep, black belt, red square, black forest, red bull, orange juice,
    orange tree, orange grove, orange peel, silver screen, silver lining, gold medal, gold rush, gold fish, black and white,
    black or white, b w, blue hour, golden hour, rose garden, lime juice, olive oil, olive tree
""")
    + pairs("foggy", "memory memories mind head idea recollection notion glasses brain")
    + pairs("hazy", "memory memories mind idea recollection notion")
    + pairs("stormy", "relationship marriage temper eyes daniels past romance")
    + pairs("sunny", "disposition smile side personality outlook attitude temperament yellow")
)
"""Phrases that hold a word of this lexicon or of the colour table and do not speak of the scene."""

NAMES_OF_THINGS_AS_COLOURS = words("""
    amber amethyst apricot bisque bronze caramel champagne charcoal chartreuse chocolate copper coral cornsilk cream ebony
    emerald firebrick gainsboro gold graphite gunmetal honey honeydew indigo ivory jade lavender lilac lime linen mahogany
    maroon moccasin navy ochre olive orchid oxblood peach pearl peru plum rust saffron salmon sand sienna silver snow steel
    tan tangerine terracotta thistle tomato umber wheat
""")
"""One-word colour names that are things as well ("a tomato"): colours only beside a colour cue or in a list of colours."""

COLOUR_CUES_BEFORE = words("""
    palette shade shades tone tones hue hues tint tints accents dressed painted dyed pale dark deep light bright rich
    burnished coloured colored wearing
""")

COLOUR_CUES_AFTER = words("""
    tone tones hue hues tint tints light lights lighting glow palette accent accents highlights shadows colour color coloured
    colored neon dress coat jacket hair shirt suit scarf hat gown skirt sweater jumper trousers shoes boots gloves uniform tie
    car van taxi wall walls door sofa curtains sky sign umbrella lipstick leaves lamp lamps paint haze wash grade silk velvet
    leather
""")

SCENE_COLOUR_NOUNS = words("palette tones tone hues tint grade grading wash lighting glow scheme light cast")
"""After colour names these make a statement about the scene ("teal and orange palette"), see ``reading.scene_colours_of``."""

SCENE_COLOUR_CUES = phrases("""
    palette of, shades of, tones of, hues of, bathed in, washed in, lit in, drenched in, flooded with, tinted, bathed in a,
    bathed in the, washed in a, lit by, lit with, glowing in, graded in, suffused with, dominated by, scene in, world of
""")
