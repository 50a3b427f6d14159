"""One factory for each record of prompts."""

import factory

from prompts.models import Prompt, PromptVersion
from tests.factories.session import NOON, SessionFactory


class PromptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Prompt

    session = factory.SubFactory(SessionFactory)
    input = "A ferry leaves the harbour at dusk."


class PromptVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PromptVersion

    prompt = factory.SubFactory(PromptFactory)
    number = factory.Sequence(lambda number: number + 1)
    input = "A ferry leaves the harbour at dusk."
    created_at = NOON
