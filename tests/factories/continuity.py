"""One factory for each record of continuity. A take is as it stands when a person has just asked for it."""

from datetime import timedelta
from typing import Any

import factory

from continuity.enums import (
    AssetOrigin,
    AssetRole,
    BlobKind,
    CutState,
    FrameRole,
    GradeState,
    JobKind,
    JobState,
    LedgerKind,
    ProxyKind,
    ProxyState,
    RunLayout,
    ShotMode,
    StyleOrigin,
    TakeState,
)
from continuity.models import (
    Asset,
    Blob,
    Budget,
    Charge,
    Continuity,
    Cut,
    Export,
    Extraction,
    Frame,
    GenerationRun,
    Grade,
    Heartbeat,
    Job,
    JobEvent,
    LedgerEntry,
    ProviderHealth,
    ProviderKey,
    SceneProxy,
    Shot,
    Style,
    StyleTemplate,
    Take,
    TakeReference,
)
from continuity.models.scene import RANK_STEP
from tests.factories.session import NOON, SessionFactory, UserFactory, digest

STYLE_KEYS = {
    "colour": (
        *("palette.primary", "palette.secondary", "palette.accent", "palette.shadows", "palette.highlights", "palette.dominant"),
        *("temperature", "saturation", "contrast"),
    ),
    "lighting": ("intensity", "style", "direction", "quality", "keyLight", "fillLight"),
    "atmosphere": ("timeOfDay", "weather", "mood", "elements"),
    "technical": ("grainLevel", "blur", "filmStock", "lensCharacteristics", "depthOfField", "motionBlur"),
}


def style_values(**given: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """A whole style in which only ``given`` is known, as a person's own words: ``style_values(mood="calm")``."""
    unknown = {"value": None, "source": "not-measured", "confidence": None}
    known = {key: {"value": value, "source": "user", "confidence": None, "origin": "edit_1"} for key, value in given.items()}
    return {aspect: {key: known.get(key, unknown) for key in keys} for aspect, keys in STYLE_KEYS.items()}


class BlobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Blob

    sha256 = factory.Sequence(lambda number: digest(f"blob {number}"))
    size = 1000
    storage_key = factory.LazyAttribute(lambda blob: f"blobs/{blob.sha256[:2]}/{blob.sha256[2:4]}/{blob.sha256}")
    kind = BlobKind.VIDEO


class AssetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Asset

    owner = factory.SubFactory(UserFactory)
    blob = factory.SubFactory(BlobFactory)
    role = AssetRole.CLIP
    origin = AssetOrigin.GENERATED
    name = "harbour"


class StillFactory(AssetFactory):
    blob = factory.SubFactory(BlobFactory, kind=BlobKind.IMAGE)
    role = AssetRole.STILL
    origin = AssetOrigin.DERIVED


class FrameFactory(factory.django.DjangoModelFactory):
    """A frame of a clip, with the picture of it; both belong to the same person."""

    class Meta:
        model = Frame

    asset = factory.SubFactory(AssetFactory)
    index = factory.Sequence(int)
    role = FrameRole.AT
    image = factory.SubFactory(StillFactory, owner=factory.SelfAttribute("..asset.owner"))
    rgb24_sha256 = factory.Sequence(lambda number: digest(f"frame {number}"))
    width = 320
    height = 180


class ExportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Export

    session = factory.SubFactory(SessionFactory)
    inputs_sha256 = factory.Sequence(lambda number: digest(f"export {number}"))


class ShotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Shot

    session = factory.SubFactory(SessionFactory)
    rank = factory.Sequence(lambda number: (number + 1) * RANK_STEP)
    user_prompt = "A ferry leaves the harbour at dusk."
    created_at = NOON


class TakeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Take

    shot = factory.SubFactory(ShotFactory)
    number = factory.Sequence(lambda number: number + 1)
    requested_by = factory.SelfAttribute("shot.session.owner")
    user_prompt = factory.SelfAttribute("shot.user_prompt")
    mode = ShotMode.NONE
    model = "animatic"
    provider = "animatic"
    created_at = NOON


class DoneTakeFactory(TakeFactory):
    state = TakeState.DONE
    request_sha256 = factory.Sequence(lambda number: digest(f"request {number}"))
    video = factory.SubFactory(AssetFactory, owner=factory.SelfAttribute("..shot.session.owner"))
    first_frame = factory.SubFactory(FrameFactory, asset=factory.SelfAttribute("..video"), index=0, role=FrameRole.FIRST)
    last_frame = factory.SubFactory(FrameFactory, asset=factory.SelfAttribute("..video"), index=95, role=FrameRole.LAST)
    finished_at = NOON


class TakeReferenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TakeReference

    take = factory.SubFactory(TakeFactory)
    frame = factory.SubFactory(FrameFactory)
    order = factory.Sequence(int)


class StyleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Style

    session = factory.SubFactory(SessionFactory)
    number = factory.Sequence(lambda number: number + 1)
    origin = StyleOrigin.EDITED
    values = factory.LazyFunction(style_values)
    created_at = NOON


class StyleTemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StyleTemplate

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Blue hour {number}")
    values = factory.LazyFunction(style_values)


class ExtractionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Extraction

    owner = factory.SubFactory(UserFactory)
    frames_sha256 = factory.Sequence(lambda number: digest(f"frames {number}"))
    extractor = "pixels@1"
    values = factory.LazyFunction(style_values)


class ContinuityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Continuity

    session = factory.SubFactory(SessionFactory)


class GenerationRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = GenerationRun

    session = factory.SubFactory(SessionFactory)
    directory = factory.Sequence(lambda number: f"/films/run{number}")
    layout = RunLayout.OWN


class CutFactory(factory.django.DjangoModelFactory):
    """A measured cut between two takes of one session."""

    class Meta:
        model = Cut

    session = factory.SubFactory(SessionFactory)
    left_take = factory.SubFactory(DoneTakeFactory, shot__session=factory.SelfAttribute("...session"))
    right_take = factory.SubFactory(DoneTakeFactory, shot__session=factory.SelfAttribute("...session"))
    metric = "scene@1"
    state = CutState.MEASURED
    score = 0.8


class GradeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Grade

    take = factory.SubFactory(DoneTakeFactory)
    reference_frame = factory.SubFactory(FrameFactory)
    source_frame = factory.SelfAttribute("take.first_frame")
    lut = factory.SubFactory(AssetFactory, role=AssetRole.LUT, origin=AssetOrigin.DERIVED, blob__kind=BlobKind.LUT)
    state = GradeState.PROPOSED


class SceneProxyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SceneProxy

    session = factory.SubFactory(SessionFactory)
    kind = ProxyKind.PAN_ZOOM
    reference = factory.SubFactory(FrameFactory)
    state = ProxyState.READY


class JobFactory(factory.django.DjangoModelFactory):
    """A queued job; ``RunningJobFactory`` and ``DoneJobFactory`` further down the road."""

    class Meta:
        model = Job

    kind = JobKind.STYLE
    session = factory.SubFactory(SessionFactory)
    subject_key = factory.Sequence(lambda number: f"style:tak_{number}")
    by = factory.SelfAttribute("session.owner")
    state = JobState.QUEUED
    step = "measure"
    next_run_at = NOON
    deadline_at = NOON + timedelta(days=36_500)  # never reached: tests run on any day


class RunningJobFactory(JobFactory):
    state = JobState.RUNNING
    lease_owner = "worker"
    lease_until = NOON + timedelta(minutes=1)
    fence = 1


class DoneJobFactory(JobFactory):
    state = JobState.DONE
    finished_at = NOON


class JobEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = JobEvent

    job = factory.SubFactory(JobFactory)
    to_state = JobState.QUEUED
    step = "measure"
    fence = 0


class HeartbeatFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Heartbeat

    name = factory.Sequence(lambda number: f"worker:host:{number}")
    at = NOON


class BudgetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Budget

    scope = factory.Sequence(lambda number: f"session:ses_{number}")
    limit_micros = 20_000_000


class ChargeFactory(factory.django.DjangoModelFactory):
    """An open charge with its ledger entries: what a column holds, an entry says."""

    class Meta:
        model = Charge
        skip_postgeneration_save = True

    job = factory.SubFactory(JobFactory)
    payer = factory.SelfAttribute("job.by")
    actor = factory.SelfAttribute("job.by")
    provider = "ltx"
    model = "ltx-2-3-fast"
    price_version = "2026-11-01"
    estimate_micros = 200_000
    reserved_micros = 300_000

    @factory.post_generation
    def entries(charge: Charge, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        amounts = {
            LedgerKind.ESTIMATE: charge.estimate_micros,
            LedgerKind.RESERVE: charge.reserved_micros,
            LedgerKind.SETTLE: charge.settled_micros,
            LedgerKind.RELEASE: charge.released_micros,
            LedgerKind.OVERRUN: charge.overrun_micros,
        }
        for kind, amount in amounts.items():
            if amount:
                LedgerEntryFactory(charge=charge, kind=kind, amount_micros=amount)


class LedgerEntryFactory(factory.django.DjangoModelFactory):
    """Alone it stands for money that no column of its charge knows: see ``ChargeFactory`` first."""

    class Meta:
        model = LedgerEntry

    charge = factory.SubFactory(ChargeFactory)
    kind = LedgerKind.ESTIMATE
    amount_micros = 0
    at = NOON


class ProviderKeyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProviderKey

    user = factory.SubFactory(UserFactory)
    provider = "ltx"
    key_id = "1"
    ciphertext = b"sealed"
    last4 = "1234"


class ProviderHealthFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProviderHealth

    provider = factory.Sequence(lambda number: f"vendor-{number}")
