"""OpenAI: questions about pictures, answered by chat completions with a strict JSON schema."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import openai

from continuity.providers.base import (
    AuthError,
    ContentRefused,
    ImageFile,
    InvalidRequest,
    ModelRetired,
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

NOT_SENT = frozenset({"$schema", "title", "minLength", "maxLength", "uniqueItems"})
"""Words of JSON Schema that strict mode does not take; what they ask for is checked here when the answer is read."""

REFUSALS_BY_CODE: Mapping[str, type[ProviderError]] = {
    "insufficient_quota": QuotaExhausted,
    "billing_hard_limit_reached": QuotaExhausted,
    "model_not_found": ModelRetired,
    "content_policy_violation": ContentRefused,
    "content_filter": ContentRefused,
    "invalid_api_key": AuthError,
}
REFUSALS_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthError,
    402: QuotaExhausted,
    403: AuthError,
    404: ModelRetired,
    408: Transient,
    409: Transient,
    410: ModelRetired,
    429: RateLimited,
}
SENTENCES: Mapping[type[ProviderError], str] = {
    AuthError: "OpenAI does not accept the key: check OPENAI_API_KEY in the environment.",
    QuotaExhausted: "The OpenAI account has no credit left: add credit there, or leave VISION_MODEL empty.",
    ContentRefused: "OpenAI refused to look at this picture: what only words can tell is not measured.",
    InvalidRequest: "OpenAI does not accept this question: choose another VISION_MODEL.",
    RateLimited: "OpenAI takes no more questions at the moment: it is asked again later.",
    ModelRetired: "OpenAI no longer serves this model: choose another VISION_MODEL.",
    Transient: "OpenAI answered with a fault of its own: try again in a minute.",
}


class OpenAiVision:
    """A Vision over ``base_url``, which is https, or http on this machine for a stand-in."""

    name = "openai"

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.openai.com/v1",
        *,
        model: str,
        connect_seconds: float = 5.0,
        read_seconds: float = 60.0,
        total_seconds: float = 90.0,
    ) -> None:
        self._card = vision_card(model)
        if self._card.provider != self.name:
            raise InvalidRequest(f"{self._card.label} is not a model of OpenAI: choose one of its models.")
        self.model = model
        self._carriage = Carriage(
            vendor="OpenAI",
            variable="OPENAI",
            base_url=base_url,
            api_key=api_key,
            timeouts=Timeouts(connect=connect_seconds, read=read_seconds, total=total_seconds),
            refusal=_refusal,
        )
        wire = httpx2.Client(transport=_Wire(self._carriage), trust_env=False)
        self._client = openai.OpenAI(api_key=api_key, base_url=base_url, max_retries=0, timeout=total_seconds, http_client=wire)

    def price_ceiling_micros(self, *, images: int, instruction: str, schema: Mapping[str, object]) -> int:
        """See Vision."""
        return self._card.ceiling_micros(images=images, text=instruction + json.dumps(_strict(schema)))

    def analyse(self, images: Sequence[ImageFile], *, instruction: str, schema: Mapping[str, object]) -> VisionAnswer:
        """See Vision. The pictures go as data URLs of at most 768 px."""
        ceiling = self.price_ceiling_micros(images=len(images), instruction=instruction, schema=schema)
        said = _said(self._complete([_image_part(image) for image in images], instruction, schema))
        return answer_of(said, card=self._card, schema=schema, ceiling_micros=ceiling)

    def _complete(self, pictures: list[dict[str, Any]], instruction: str, schema: Mapping[str, object]) -> Mapping[str, object]:
        """The vendor's answer as it came, a JSON object."""
        body: dict[str, Any] = {
            "model": self._card.vendor_model,
            "messages": [{"role": "user", "content": [{"type": "text", "text": instruction}, *pictures]}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": _strict(schema)},
            },
            "max_completion_tokens": self._card.max_tokens,
        }
        if self._card.reasoning:
            body["reasoning_effort"] = self._card.reasoning
        answer = self._client.chat.completions.with_raw_response.create(**body)
        data: Mapping[str, object] = json.loads(answer.content)
        return data


class _Wire(httpx2.BaseTransport):
    """Hands the SDK's requests to the carriage."""

    def __init__(self, carriage: Carriage) -> None:
        self._carriage = carriage

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        carried = self._carriage.carry(request.method, str(request.url), headers=request.headers, content=request.read())
        return httpx2.Response(carried.status, headers={"content-type": "application/json"}, content=carried.body)


def _image_part(image: ImageFile) -> dict[str, Any]:
    data = base64.b64encode(small_picture(image)).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{MEDIA_TYPE};base64,{data}", "detail": "high"}}


def _strict(schema: Mapping[str, object]) -> dict[str, Any]:
    """The schema without the words that strict mode refuses."""
    return {key: _strict_value(key, value) for key, value in schema.items() if key not in NOT_SENT}


def _strict_value(key: str, value: object) -> object:
    if key == "properties" and isinstance(value, Mapping):
        return {name: _strict(row) for name, row in value.items()}
    return _strict(value) if isinstance(value, Mapping) else value


def _said(data: Mapping[str, object]) -> Said:
    choice = first_of(data.get("choices"))
    message, ending = mapping_of(choice.get("message")), str(choice.get("finish_reason"))
    refusal, text = message.get("refusal"), message.get("content")
    if ending == "content_filter" and not refusal:
        refusal = ending
    return Said(
        text=text if isinstance(text, str) else "",
        refusal=str(refusal) if refusal else None,
        truncated=ending == "length",
        finished=ending == "stop",
        ending=ending[:40],
        count=_count(mapping_of(data.get("usage"))),
    )


def _count(usage: Mapping[str, object]) -> Count | None:
    tokens_in, tokens_out = whole_number(usage.get("prompt_tokens")), whole_number(usage.get("completion_tokens"))
    return None if tokens_in is None or tokens_out is None else Count(tokens_in, tokens_out)


def _refusal(carried: Carried, text: str) -> ProviderError:
    error = mapping_of((carried.data or {}).get("error"))
    named = REFUSALS_BY_CODE.get(str(error.get("code"))) or REFUSALS_BY_CODE.get(str(error.get("type")))
    by_status = REFUSALS_BY_STATUS.get(carried.status) or (Transient if carried.status >= 500 else InvalidRequest)
    kind = by_status if carried.status >= 500 else named or by_status
    return kind(
        SENTENCES[kind],
        raw=f"HTTP {carried.status} {text}",
        retry_after_seconds=_retry_after(carried.headers),
        billed_micros=None if kind is Transient else 0,
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; OpenAI says it in milliseconds too, which is the finer word."""
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.isascii() and milliseconds.isdecimal():
        return retry_after_seconds(str(-(-int(milliseconds) // 1000)))
    return retry_after_seconds(headers.get("retry-after"))
