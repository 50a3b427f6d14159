"""A page as a browser without JavaScript has it: its elements, its links, its text, its forms with what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str | None]


@dataclass
class Form:
    attributes: Attributes
    fields: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Attributes] = field(default_factory=list)

    @property
    def way(self) -> tuple[str, str]:
        """The method, and the address that it is sent to."""
        own = self.attributes
        return (own.get("data-method") or own.get("method") or "get").upper(), own.get("data-address") or own.get("action") or ""


class PageReader(HTMLParser):
    """``elements``: every start tag. ``texts`` and ``links``: by the id, first class or tag of each element around them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: dict[str, str] = {}
        self.links: dict[str, list[str]] = {}
        self.forms: list[Form] = []
        self._open: list[tuple[str, Attributes]] = []
        self.feed(html)

    def form(self, method: str, address: str) -> Form:
        """The one form with controls that is sent so."""
        [found] = [form for form in self.forms if form.way == (method, address) and "data-body" not in form.fields]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._open.append((tag, attributes))
        if tag == "a":
            for name in self._around():
                self.links.setdefault(name, []).append(attributes.get("href") or "")
        if tag == "form":
            self.forms.append(Form(attributes))
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append(attributes)
        elif tag in ("input", "textarea", "select") and self.forms:
            self.forms[-1].fields[_name(attributes)] = attributes.get("value") or ""

    def handle_data(self, data: str) -> None:
        for name in self._around():
            self.texts[name] = self.texts.get(name, "") + data
        for tag, attributes in self._open:
            if tag == "textarea":
                self.forms[-1].fields[_name(attributes)] += data.removeprefix("\n")
            if tag == "select" and "selected" in self._open[-1][1]:
                self.forms[-1].fields[_name(attributes)] = data
                self.forms[-1].chosen.setdefault(_name(attributes), []).append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in [opened for opened, _ in self._open]:
            while self._open.pop()[0] != tag:
                pass

    def _around(self) -> set[str]:
        return {attributes.get("id") or (attributes.get("class") or tag).split()[0] for tag, attributes in self._open}


def _name(attributes: Attributes) -> str:
    return "data-body" if "data-body" in attributes else attributes.get("name") or ""
