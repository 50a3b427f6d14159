"""The words of a prompt, by what they speak of. Pure data: topic → canonical value → the phrases that mean it.

Phrases are lower case and split at spaces; a hyphen in a prompt reads like a space ("close-up" is "close up").
``reading.py`` matches whole words, the longest phrase first, and decides when a phrase is no statement after all
(names, negations, comparisons). The canonical values are those that the animatic engine draws.
"""

from prompts.listing import pairs, phrases, words

Phrases = dict[str, tuple[str, ...]]


HOUR: Phrases = {
    "dawn": phrases("""
        dawn, daybreak, sunrise, sunup, sun up, first light, early morning, break of day, crack of dawn, predawn, pre dawn,
        before dawn, before sunrise, after sunrise, sun rises, rising sun, dawn's first light, dawn's light,
        dawn's early light, dawn's glow
    """),
    "golden hour": phrases("""
        golden hour, magic hour, sunset, sundown, setting sun, sun sets, sun is setting, low sun, before sunset, sunset light
    """),
    "day": phrases("""
        daytime, day time, daylight, broad daylight, noon, high noon, noonday, midday, mid day, at noon, morning, mid morning,
        late morning, afternoon, late afternoon, early afternoon, by day, during the day, middle of the day,
        in the middle of the day
    """),
    "dusk": phrases("""
        dusk, twilight, blue hour, nightfall, gloaming, evening, early evening, after sunset, night falls, sun has set,
        day fades, last light
    """),
    "night": phrases("""
        night, nighttime, night time, midnight, tonight, dead of night, the dead of night, late night, late at night,
        day for night, after dark, at night, by night, after midnight, after nightfall, middle of the night, wee hours,
        small hours
    """),
}
"""The hour of the scene. "Day for night" is shot by day to look like night, so it says night."""

HOUR_WHEN_ALONE: Phrases = {
    "day": phrases("day"),
}
"""Words that speak of the hour only beside punctuation (slug lines) or after one of ``DAY_QUALIFIERS``."""

DAY_QUALIFIERS = words("""
    sunny bright rainy cloudy overcast clear hot cold cool warm mild summer winter spring autumn foggy snowy stormy windy grey
    gray misty hazy perfect beautiful lovely glorious gorgeous drizzly dreary humid crisp blustery ext int exterior interior
""")

HOUR_IMPLIED: Phrases = {
    "day": phrases("sunny, sunshine, sunlit, sunlight, sun drenched, blue sky, blue skies"),
    "night": phrases("moonlit, moonlight, nocturnal, starry, starlit, starry sky, under the stars"),
}
"""Light that only one hour has; read when nothing names the hour itself."""

WEATHER: Phrases = {
    "clear": phrases("""
        clear sky, clear skies, clear weather, clear night, clear day, clear morning, clear blue sky, cloudless,
        cloudless sky, sunny, sunshine, sun drenched, blue sky, blue skies, starry sky, fair weather
    """),
    "overcast": phrases("""
        overcast, cloudy, grey sky, gray sky, grey skies, gray skies, leaden sky, clouded sky, cloud cover, heavy clouds,
        low clouds, dark clouds, overcast sky
    """),
    "rain": phrases("""
        rain, rains, rainy, raining, rainfall, rain falls, drizzle, drizzling, drizzly, downpour, cloudburst, raindrops,
        light rain, heavy rain, pouring rain, sleet, shower of rain, monsoon, torrential rain
    """),
    "fog": phrases("""
        fog, foggy, mist, misty, mists, haze, hazy, smog, fogbound, fog bank, heavy fog, light fog, light mist
    """),
    "snow": phrases("""
        snow, snowy, snowing, snowfall, snows, snowstorm, blizzard, snowflakes, falling snow, light snow, heavy snow,
        snow covered, snowbound, snowdrifts
    """),
    "storm": phrases("""
        storm, stormy, thunderstorm, rainstorm, thunder, lightning, tempest, thundercloud, thunderclouds, gale
    """),
}

FRAMING: Phrases = {
    "wide": phrases("""
        wide shot, wide angle, wide angle shot, wide view, wide framing, wide frame, establishing shot, long shot,
        extreme wide shot, very wide shot, full shot, panoramic, panorama, wide establishing shot, master shot,
        extreme long shot, aerial shot, wide angle view, seen from afar
    """),
    "medium": phrases("""
        medium shot, mid shot, midshot, medium framing, cowboy shot, waist up, from the waist up, two shot, medium wide shot,
        medium long shot, medium view, american shot
    """),
    "close-up": phrases("""
        close up, closeup, close ups, closeups, extreme close up, medium close up, close up shot, macro shot, tight shot,
        tight on, close on, close shot, ecu, choker shot, headshot, tight close up, up close
    """),
}

FRAMING_WHEN_ALONE: Phrases = {
    "wide": phrases("wide, wide on, wide of"),
    "medium": phrases("medium"),
    "close-up": phrases("close, tight, cu, macro"),
}

MOVE: Phrases = {
    "push": phrases("""
        dolly in, dollies in, dolly forward, zoom in, zooms in, zooming in, slow push, dolly push, track in, tracks in,
        tracking in, camera moves closer, camera moves in, camera approaches, camera moves forward, camera creeps in,
        dolly shot, camera glides forward, truck in
    """),
    "pull": phrases("""
        dolly out, dollies out, dolly back, zoom out, zooms out, zooming out, slow pull, track back, tracks back,
        camera retreats, camera backs away, camera moves back, camera moves away, pullback shot
    """),
    "pan-left": phrases("""
        pan left, pans left, panning left, pan to the left, pans to the left, panning to the left, pan slowly left,
        pans slowly left, left pan, pan from right to left, pans from right to left, whip pan left
    """),
    "pan-right": phrases("""
        pan right, pans right, panning right, pan to the right, pans to the right, panning to the right, pan slowly right,
        pans slowly right, right pan, pan from left to right, pans from left to right, whip pan, panning shot, pan shot,
        whip pan right
    """),
    "tilt-up": phrases("tilt upward, tilt upwards, upward tilt, tilt shot"),
    "tilt-down": phrases("tilt downward, tilt downwards, downward tilt, camera tilts down, camera slowly tilts down"),
    "crane": phrases("""
        crane shot, crane up, cranes up, crane down, cranes down, jib shot, boom up, boom shot, rising crane, camera rises,
        crane move, crane over, camera lifts, drone rises
    """),
    "static": phrases("""
        static shot, static camera, locked off, lock off, locked camera, fixed camera, tripod, tripod shot, camera is static,
        camera is still, camera remains still, camera stays still, camera holds, static frame, camera does not move,
        camera doesn't move, stationary camera, unmoving camera, static framing
    """),
}
"""A pan that names no side goes right, a tilt that names none goes up."""

MOVE_OF_A_CAMERA: Phrases = {
    "push": phrases(
        "zoom, zooms, push, push in, pushes in, pushing in, pushed in, push forward, pushes forward, moves in, moves closer"
    ),
    "pull": phrases("pull back, pulls back, pulling back, pull out, pulls out, pulling out, pull away, pulls away"),
    "pan-right": phrases("pan, pans, panning"),
    "tilt-up": phrases("tilt, tilts, tilting, tilt up, tilts up, tilting up"),
    "tilt-down": phrases("tilt down, tilts down, tilting down"),
    "crane": phrases("crane, cranes, craning"),
    "static": phrases("static"),
}
"""Words that a person may do too ("pulls out a gun"): read when a camera does them, or when they stand alone."""

CAMERA_WORDS = words("""
    camera shot lens we view frame dolly steadicam drone gimbal slow slowly gentle gently smooth smoothly
""")

PLACE: Phrases = {
    "street": phrases("""
        street, streets, alley, alleyway, road, avenue, boulevard, sidewalk, pavement, crosswalk, crossing, city, downtown,
        market, night market, plaza, square, intersection, lane, highway, town, village, cityscape, skyline, bridge,
        parking lot, neighbourhood, neighborhood, tokyo, shibuya, manhattan
    """),
    "room": phrases("""
        room, kitchen, bedroom, bathroom, living room, diner, bar, cafe, café, office, hallway, corridor, interior, int,
        apartment, library, attic, restaurant, church, workshop, classroom, indoors, parlour, basement, hospital, lobby,
        hotel room, nightclub, pub, museum, warehouse, cellar, studio, ballroom
    """),
    "landscape": phrases("""
        landscape, meadow, meadows, field, fields, mountain, mountains, forest, beach, sea, ocean, desert, valley, hill,
        hills, hillside, lake, river, coast, coastline, cliff, cliffs, alpine, tundra, plains, countryside, prairie, dune,
        dunes, shore, island, woods, canyon, glacier, jungle, savanna, moor, vineyard, orchard, pasture, fjord, woodland,
        steppe
    """),
}

ELEMENT: Phrases = {
    "neon": phrases("neon, neon sign, neon signs, neon lights, neon light, neon lit, neon signage, neon glow"),
    "wet ground": phrases("puddle, puddles, after the rain, reflections on the pavement, rain puddles")
    + pairs(
        "wet rainy damp slick glistening",
        "street streets pavement asphalt ground road roads cobblestones cobbles sidewalk tarmac",
    )
    + pairs("rain", "soaked slick slicked washed drenched"),
    "grain": phrases("""
        grainy, film grain, heavy grain, light grain, fine grain, coarse grain, visible grain, subtle grain, moderate grain,
        moderate film grain, heavy film grain, light film grain, super 8, 16mm, 16 mm, 35mm grain
    """),
    "crowd": phrases("crowd, crowds, crowded, people, passersby, passers by, pedestrians, commuters, throng, audience"),
    "person": phrases("""
        person, someone, figure, silhouette, stranger, pedestrian, driver, detective, runner, dancer, hero, soldier, cyclist,
        traveller, traveler, hiker, worker, cook, chef, singer, musician, skater, surfer
    """),
    "woman": phrases("""
        woman, women, lady, she, actress, mother, bride, queen, waitress, businesswoman, sister, wife, heroine, grandmother,
        ballerina, geisha
    """),
    "man": phrases("""
        man, men, guy, he, gentleman, father, brother, businessman, king, cowboy, waiter, husband, fisherman, policeman,
        grandfather, groom, samurai, salaryman
    """),
    "child": phrases("child, children, kid, kids, boy, girl, little girl, little boy, toddler, baby, boys, girls"),
}
"""What is in the picture, apart from rain, fog and snow, which are read as weather."""

LIGHT_NOUNS = "light lights lighting glow illumination tones tone hues colours colors palette grade grading cast wash tint"

TEMPERATURE: Phrases = {
    "warm": phrases("""
        warm colour tones, warm color tones, warm colour palette, warm color palette, tungsten light, tungsten lighting
    """)
    + pairs("warm warmer cosy cozy golden", LIGHT_NOUNS)
    + pairs("warm", "colour color temperature sunlight sunshine look ambience atmosphere"),
    "cool": phrases("""
        cool colour tones, cool color tones, cool colour palette, cool color palette, cold blue light, cool blue light
    """)
    + pairs("cool cooler cold icy", LIGHT_NOUNS)
    + pairs("cool cold", "colour color temperature look"),
    "neutral": phrases("""
        neutral tones, neutral light, neutral colours, neutral colors, neutral palette, neutral white balance
    """),
}
"""Warmth of the scene's light or palette; a warm welcome and a cold drink are not in here."""

COLOUR_GROUPS = "colours colors colour color palette tones hues grade grading saturation"

SATURATION: Phrases = {
    "muted": phrases("desaturated, washed out, washed out colours, washed out colors, bleach bypass, low saturation")
    + pairs("muted desaturated faded subdued soft low washed", COLOUR_GROUPS),
    "natural": phrases("natural colours, natural colors, natural saturation, true colours, true colors"),
    "vibrant": phrases("technicolor, oversaturated, hypersaturated")
    + pairs("vibrant vivid saturated bold bright rich intense high", COLOUR_GROUPS),
}

MONOCHROME: Phrases = {
    "monochrome": phrases("monochrome, monochromatic, greyscale, grayscale")
    + tuple(
        f"black and white {noun}"
        for noun in sorted(words("film footage cinematography photography look shot grade scene movie palette image"))
    ),
}

MONOCHROME_WHEN_ALONE: Phrases = {"monochrome": phrases("black and white, b w")}
MONOCHROME_AT_THE_END: Phrases = {"monochrome": phrases("in black and white")}
WORDS_OF_CLOTHES = words("dressed clad painted striped wrapped uniform uniforms")
"""A street "in black and white" is a look, a woman "dressed in black and white" is not."""

CONTRAST: Phrases = {
    "low": phrases("low contrast, flat contrast, soft contrast, gentle contrast"),
    "medium": phrases("medium contrast, moderate contrast"),
    "high": phrases("high contrast, strong contrast, harsh contrast, stark contrast, deep contrast, contrasty"),
}

LIGHT_STYLE: Phrases = {
    "low-key": phrases("low key, low key lighting, low key light, chiaroscuro, noir lighting, moody lighting"),
    "high-key": phrases("high key, high key lighting, high key light, evenly lit, flat lighting"),
    "candlelit": phrases("""
        candlelight, candlelit, candle light, candle lit, by candlelight, firelight, firelit, lit by candles
    """),
    "neon-lit": phrases("neon lit, neon lighting, lit by neon"),
    "natural": phrases("natural light, natural lighting, available light"),
    "studio": phrases("studio lighting, studio light, three point lighting"),
}

LIGHT_DIRECTION: Phrases = {
    "behind": phrases("""
        backlit, back lit, backlight, backlighting, back light, rim lit, contre jour, lit from behind, light from behind
    """),
    "front": phrases("front lit, frontlit, lit from the front, light from the front, frontal light, frontal lighting"),
    "side": phrases("side lit, sidelit, side light, side lighting, lit from the side, light from the side"),
    "left": phrases("""
        lit from the left, lit from left, light from the left, light from left, light coming from the left
    """),
    "right": phrases("""
        lit from the right, lit from right, light from the right, light from right, light coming from the right
    """),
    "above": phrases("top lit, toplit, top light, overhead light, overhead lighting, lit from above, light from above"),
    "below": phrases("underlit, under lit, lit from below, light from below, uplight, uplit"),
}

LIGHT_QUALITY: Phrases = {
    "soft": phrases("softly lit, softbox") + pairs("soft diffuse diffused gentle", "light lighting shadows glow"),
    "hard": phrases("harshly lit, crisp shadows") + pairs("hard harsh", "light lighting shadows sunlight"),
}

LIGHT_INTENSITY: Phrases = {
    "dim": phrases("dimly lit, poorly lit, low light, darkness, near darkness, underexposed, pitch dark, shadowy")
    + pairs(
        "dim dark shadowy gloomy unlit",
        "light lighting room street streets alley corridor hallway interior kitchen sky scene night forest",
    ),
    "moderate": phrases("moderate light, moderately lit, even light"),
    "bright": phrases("""
        brightly lit, well lit, blazing sun, overexposed, dazzling light, blinding light, sun drenched, glaring light
    """)
    + pairs(
        "bright",
        "light lights lighting room street streets sun sunlight sunshine daylight day kitchen interior sky scene morning",
    ),
}

LIGHT_SOURCE: Phrases = {
    "neon": phrases("neon sign, neon signs, neon lights, neon light, neon glow, neon signage, lit by neon, neon lit"),
    "candle": phrases("candlelight, candlelit, candle light, candle lit, by candlelight, lit by candles"),
    "fire": phrases("firelight, firelit, campfire light, lit by fire, glow of the fire"),
    "moon": phrases("moonlight, moonlit, lit by the moon, light of the moon"),
    "sun": phrases("sunlight, sunlit, lit by the sun, sunbeams, shafts of sunlight"),
    "lamp": phrases("lamplight, lamplit, street lamp, street lamps, streetlight, streetlights, desk lamp, lit by a lamp"),
    "fluorescent": phrases("fluorescent light, fluorescent lights, fluorescent lighting, fluorescent tubes"),
    "tungsten": phrases("tungsten light, tungsten lighting, tungsten lamps"),
}

MOOD_NOUNS = "mood atmosphere feeling vibe tone air ambience"

MOOD: Phrases = {
    "melancholic": phrases("melancholic, melancholy, wistful, sombre, somber, mournful") + pairs("sad lonely bleak", MOOD_NOUNS),
    "tense": phrases("suspenseful, foreboding") + pairs("tense uneasy nervous anxious", MOOD_NOUNS),
    "ominous": phrases("ominous, eerie, menacing, sinister") + pairs("dark scary creepy", MOOD_NOUNS),
    "peaceful": phrases("serene, tranquil") + pairs("peaceful calm quiet gentle relaxed", MOOD_NOUNS),
    "joyful": phrases("joyful, joyous, festive, jubilant") + pairs("happy cheerful playful lighthearted", MOOD_NOUNS),
    "romantic": pairs("romantic intimate tender", MOOD_NOUNS),
    "nostalgic": phrases("nostalgic") + pairs("retro", MOOD_NOUNS),
    "dreamy": phrases("dreamlike, surreal") + pairs("dreamy hazy magical", MOOD_NOUNS),
    "epic": pairs("epic heroic grand", MOOD_NOUNS),
    "mysterious": pairs("mysterious enigmatic", MOOD_NOUNS),
}

FILM_STOCK: Phrases = {
    "16mm": phrases("16mm, 16 mm, 16mm film, super 16"),
    "35mm": phrases("35mm film, 35 mm film, 35mm, 35 mm"),
    "65mm": phrases("65mm, 70mm, imax"),
    "super 8": phrases("super 8, 8mm, 8 mm film"),
    "kodak": phrases("kodak, kodachrome, ektachrome, portra"),
    "fuji": phrases("fujifilm, fuji film, velvia"),
    "video": phrases("vhs, camcorder footage, video tape"),
    "digital": phrases("shot digitally, digital cinema, arri alexa, shot on alexa, shot on iphone"),
}

LENS: Phrases = {
    "anamorphic": phrases("anamorphic, anamorphic lens"),
    "wide-angle": phrases("wide angle lens, ultra wide lens, 18mm, 24mm, 28mm"),
    "fisheye": phrases("fisheye, fish eye lens"),
    "normal": phrases("50mm, 50 mm, 35mm lens, 50mm lens"),
    "telephoto": phrases("telephoto, telephoto lens, long lens, 85mm, 100mm, 135mm, 200mm"),
    "macro": phrases("macro lens"),
    "tilt-shift": phrases("tilt shift, tilt shift lens"),
}

GRAIN: Phrases = {
    "none": phrases(
        """
        clean image, clean digital image, no grain, no film grain, without grain, without film grain, no visible grain, noise
        free, grain free, grainless
        """
    ),
    "light": phrases("light grain, light film grain, fine grain, fine film grain, subtle grain, subtle film grain"),
    "moderate": phrases("moderate grain, moderate film grain, film grain, grainy, visible grain"),
    "heavy": phrases("heavy grain, heavy film grain, coarse grain, very grainy"),
}

DEPTH_OF_FIELD: Phrases = {
    "shallow": phrases("""
        shallow depth of field, shallow focus, bokeh, blurred background, blurry background, out of focus background
    """),
    "moderate": phrases("moderate depth of field"),
    "deep": phrases("deep focus, deep depth of field, everything in focus, pan focus"),
}

MOTION_BLUR: Phrases = {
    "none": phrases("no motion blur, without motion blur, frozen motion"),
    "subtle": phrases("subtle motion blur, slight motion blur"),
    "noticeable": phrases("motion blur, noticeable motion blur, heavy motion blur, long exposure, motion blurred"),
}
