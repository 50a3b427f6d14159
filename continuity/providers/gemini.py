"""Gemini: questions about pictures over the REST transport of google-generativeai, which only this module imports.

Its maker ended support on 2025-11-30, so it knows nothing newer: it cannot switch thinking off, and drops what it does
not know from answers. What came back is therefore read from the wire, not from its objects.
"""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from continuity.providers.base import (
    AuthError,
    ImageFile,
    InvalidRequest,
    ModelRetired,
    OutputInvalid,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Transient,
    VisionAnswer,
)
from continuity.providers.capabilities import vision_card
from continuity.providers.carriage import Carriage, Carried
from continuity.providers.connection import Timeouts
from continuity.providers.retry_after import retry_after_seconds
from continuity.providers.vision_answer import Count, Said, answer_of, first_of, mapping_of, whole_number
from continuity.providers.vision_pictures import MEDIA_TYPE, small_picture

with warnings.catch_warnings():
    # At import the library says that its support has ended, and its core that it will not outlive this Python. Both are
    # known (README) and nothing that whoever reads a log could change.
    warnings.filterwarnings("ignore", r"\s*All support for the `google.generativeai` package has ended", FutureWarning)
    warnings.filterwarnings("ignore", r"You are using a Python version .* which Google will stop supporting", FutureWarning)
    genai: Any = import_module("google.generativeai")
    import requests
    from google.ai.generativelanguage import GenerativeServiceClient
    from google.ai.generativelanguage_v1beta.services.generative_service.transports.rest import GenerativeServiceRestTransport

# What these offer is not typed.
protos: Any = genai.protos
google_key: Any = import_module("google.auth.api_key")
ParseError: Any = import_module("google.protobuf.json_format").ParseError

REFUSALS_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthError,
    402: QuotaExhausted,
    403: AuthError,
    404: ModelRetired,
    408: Transient,
    410: ModelRetired,
    429: RateLimited,
    499: Transient,
}
SENTENCES: Mapping[type[ProviderError], str] = {
    AuthError: "Gemini does not accept the key: check GEMINI_API_KEY in the environment.",
    QuotaExhausted: "The Gemini account has no credit left: add credit there, or leave VISION_MODEL empty.",
    InvalidRequest: "Gemini does not accept this question: choose another VISION_MODEL.",
    RateLimited: "Gemini takes no more questions at the moment: it is asked again later.",
    ModelRetired: "Gemini no longer serves this model: choose another VISION_MODEL.",
    Transient: "Gemini answered with a fault of its own: try again in a minute.",
}
NO_CREDIT = re.compile(r"\b(credits?|prepay\w*|spend(ing)? (cap|limit))\b", re.IGNORECASE)
REFUSED = frozenset(
    ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "ESCALATION")
)
"""Reasons to end an answer that are a refusal. LANGUAGE, OTHER and those still to come are no answer, and no refusal."""


class GeminiVision:
    """A Vision over ``base_url``, which is https, or http on this machine for a stand-in."""

    name = "gemini"

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://generativelanguage.googleapis.com",
        *,
        model: str,
        connect_seconds: float = 5.0,
        read_seconds: float = 90.0,
        total_seconds: float = 120.0,
    ) -> None:
        self._card = vision_card(model)
        if self._card.provider != self.name:
            raise InvalidRequest(f"{self._card.label} is not a model of Gemini: choose one of its models.")
        self.model = model
        self._api_key, self._base_url = api_key, base_url.rstrip("/")
        self._seconds = total_seconds
        self._carriage = Carriage(
            vendor="Gemini",
            variable="GEMINI",
            base_url=base_url,
            api_key=api_key,
            timeouts=Timeouts(connect=connect_seconds, read=read_seconds, total=total_seconds),
            refusal=_refusal,
        )

    def price_ceiling_micros(self, *, images: int, instruction: str, schema: Mapping[str, object]) -> int:
        """See Vision."""
        return self._card.ceiling_micros(images=images, text=instruction + json.dumps(schema))

    def analyse(self, images: Sequence[ImageFile], *, instruction: str, schema: Mapping[str, object]) -> VisionAnswer:
        """See Vision. The pictures go inline, at most 768 px."""
        ceiling = self.price_ceiling_micros(images=len(images), instruction=instruction, schema=schema)
        pictures = [{"mime_type": MEDIA_TYPE, "data": small_picture(image)} for image in images]
        said = _said(self._generate(pictures, instruction, schema))
        return answer_of(said, card=self._card, schema=schema, ceiling_micros=ceiling)

    def _generate(self, pictures: list[dict[str, Any]], instruction: str, schema: Mapping[str, object]) -> Mapping[str, object]:
        """The vendor's answer as it came, a JSON object."""
        wire = _Wire(self._carriage)
        model = genai.GenerativeModel(self._card.vendor_model)
        # The library's own way to a client is one for the whole process; the client itself is public, and made for this call.
        model._client = GenerativeServiceClient(transport=_Transport(self._base_url, self._api_key, wire))
        config = {
            "response_mime_type": "application/json",
            "response_schema": _gemini_schema(schema),
            "max_output_tokens": self._card.max_tokens,
        }
        try:
            # retry None: the library's own repeats send a refused question again and again.
            model.generate_content(
                [instruction, *pictures], generation_config=config, request_options={"timeout": self._seconds, "retry": None}
            )
        except ParseError as error:
            raise OutputInvalid("Gemini answered in a form that it never announced.", raw=wire.text) from error
        return wire.data


class _Wire(requests.adapters.BaseAdapter):
    """Hands the library's one request to the carriage, and keeps the answer."""

    def __init__(self, carriage: Carriage) -> None:
        super().__init__()
        self._carriage = carriage
        self.data: Mapping[str, object] = {}
        self.text = ""

    def send(self, request: Any, *args: object, **options: object) -> Any:
        carried = self._carriage.carry(request.method, request.url, headers=request.headers, content=request.body)
        self.data, self.text = carried.data or {}, self._carriage.without_key(carried.body)
        response = requests.Response()
        response.status_code, response.url, response.request = carried.status, request.url, request
        response.headers["content-type"] = "application/json"
        response.raw = BytesIO(carried.body)
        return response

    def close(self) -> None:
        """Nothing is kept open."""


class _Transport(GenerativeServiceRestTransport):
    """The library's REST transport, over our own wire."""

    def __init__(self, base_url: str, key: str, wire: _Wire) -> None:
        super().__init__(host=base_url, credentials=google_key.Credentials(key))
        self._session.trust_env = False
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, wire)


def _gemini_schema(schema: Mapping[str, object]) -> Any:
    """The schema in the library's words: one type, null as a flag. Lengths are checked when the answer is read."""
    types = schema.get("type")
    names = list(types) if isinstance(types, list | tuple) else [types]
    (kind,) = [str(name) for name in names if name != "null"]
    properties, items = schema.get("properties"), schema.get("items")
    enum, required = schema.get("enum"), schema.get("required")
    return protos.Schema(
        type_=protos.Type[kind.upper()],
        nullable="null" in names,
        description=str(schema.get("description", "")),
        enum=[str(word) for word in enum if word is not None] if isinstance(enum, list) else [],
        properties={name: _gemini_schema(row) for name, row in properties.items()} if isinstance(properties, Mapping) else {},
        required=list(required) if isinstance(required, list) else [],
        items=_gemini_schema(items) if isinstance(items, Mapping) else None,
    )


def _said(data: Mapping[str, object]) -> Said:
    candidate = first_of(data.get("candidates"))
    blocked = _named(
        protos.GenerateContentResponse.PromptFeedback.BlockReason, mapping_of(data.get("promptFeedback")), "blockReason"
    )
    ending = _named(protos.Candidate.FinishReason, candidate, "finishReason")
    return Said(
        text=_text(mapping_of(candidate.get("content"))),
        refusal=blocked or (ending if ending in REFUSED else None),
        truncated=ending == "MAX_TOKENS",
        finished=ending == "STOP",
        ending=ending or "no reason given",
        count=_count(mapping_of(data.get("usageMetadata"))),
    )


def _named(enum: Any, data: Mapping[str, object], field: str) -> str:
    """A reason by name, although the library asks for numbers; a number that it does not know stays one. "" = none given."""
    value = data.get(field)
    if isinstance(value, int) and value in [row.value for row in enum]:
        return "" if value == 0 else str(enum(value).name)
    return "" if value in (None, 0) else str(value)[:40]


def _text(content: Mapping[str, object]) -> str:
    """The parts of the answer in one; what the model thought aloud is no part of it."""
    parts = content.get("parts")
    rows = [mapping_of(part) for part in parts] if isinstance(parts, list) else []
    return "".join(str(row["text"]) for row in rows if isinstance(row.get("text"), str) and not row.get("thought"))


def _count(usage: Mapping[str, object]) -> Count | None:
    """What is not the question is billed as answer: that counts thinking, which not every answer names."""
    tokens_in, total = whole_number(usage.get("promptTokenCount")), whole_number(usage.get("totalTokenCount"))
    return None if tokens_in is None or total is None or total < tokens_in else Count(tokens_in, total - tokens_in)


def _refusal(carried: Carried, text: str) -> ProviderError:
    error = mapping_of((carried.data or {}).get("error"))
    details = error.get("details")
    rows = [mapping_of(row) for row in details] if isinstance(details, list) else []
    retry_after = _retry_delay(rows) or retry_after_seconds(carried.headers.get("retry-after"))
    kind = REFUSALS_BY_STATUS.get(carried.status) or (Transient if carried.status >= 500 else InvalidRequest)
    if any(row.get("reason") in ("API_KEY_INVALID", "API_KEY_EXPIRED") for row in rows):
        kind = AuthError  # arrives as a 400
    elif kind is RateLimited and retry_after is None and NO_CREDIT.search(str(error.get("message"))):
        kind = QuotaExhausted  # arrives as a 429, and waiting does not help
    return kind(
        SENTENCES[kind],
        raw=f"HTTP {carried.status} {text}",
        retry_after_seconds=retry_after,
        billed_micros=None if kind is Transient else 0,
    )


def _retry_delay(rows: Sequence[Mapping[str, object]]) -> float | None:
    """Seconds of google.rpc.RetryInfo, such as "34.5s"; rounded up."""
    for row in rows:
        found = re.fullmatch(r"(\d{1,6})(\.\d{1,9})?s", str(row.get("retryDelay")))
        if found:
            return retry_after_seconds(str(int(found[1]) + (1 if found[2] else 0)))
    return None
