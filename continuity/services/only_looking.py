"""“What would be sent now?” asked of the very code that sends it, without leaving anything behind.

Some pictures are made when they are first needed: a frame brought back to the scene's look, a view of the proxy. Where that
would happen while somebody is only looking, NotMadeYet says so instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from continuity.vision.scale import Picture

_is_on: ContextVar[bool] = ContextVar("only_looking", default=False)


class NotMadeYet(Exception):
    """A picture would have to be made and kept first. ``str(error)`` is a sentence for a person.

    ``instead_of``: the id of the frame that ``picture`` (uint8 RGB) was made of, for who can tell from it that it is not needed.
    """

    def __init__(self, sentence: str, *, picture: "Picture | None" = None, instead_of: str = "") -> None:
        super().__init__(sentence)
        self.picture = picture
        self.instead_of = instead_of


@contextmanager
def only_looking() -> Iterator[None]:
    """Inside the block no picture is kept: NotMadeYet is raised in its place."""
    token = _is_on.set(True)
    try:
        yield
    finally:
        _is_on.reset(token)


def not_while_looking(sentence: str, *, picture: "Picture | None" = None, instead_of: str = "") -> None:
    """To be called right before a picture is made and kept."""
    if _is_on.get():
        raise NotMadeYet(sentence, picture=picture, instead_of=instead_of)
