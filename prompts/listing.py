"""How the lexicon writes its lists: words and phrases over as many lines as it takes. Pure."""


def phrases(listed: str) -> tuple[str, ...]:
    """The phrases of a list with commas, over as many lines as it takes."""
    return tuple(" ".join(phrase.split()) for phrase in listed.split(","))


def words(listed: str) -> frozenset[str]:
    """The words of a list with spaces, over as many lines as it takes."""
    return frozenset(listed.split())


def pairs(first: str, second: str) -> tuple[str, ...]:
    """Every word of ``first`` followed by every word of ``second``."""
    return tuple(f"{one} {other}" for one in first.split() for other in second.split())
