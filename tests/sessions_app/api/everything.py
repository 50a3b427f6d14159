"""One person's scenes in which there is one of every thing that an address of the API can name, with real bytes behind it."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone

from continuity import storage
from continuity.enums import BaseStyleSource, GradeState, JobKind, JobState, SessionStatus, ShotMode, TakeState
from continuity.models import Continuity, Frame, Job, Shot, Take
from continuity.services import imports, shots, shots_edit, styles
from continuity.vision.scene_score import METRIC
from prompts.models import Prompt
from prompts.services import change_prompt, create_prompt
from sessions_app import undo
from sessions_app.models import Session
from tests.clips import PICTURE, run_reference
from tests.continued_scene import ELSEWHERE, OPENING, WARM, take_showing
from tests.factories import continuity as scene
from tests.factories.session import NOON, ApiTokenFactory, SessionFactory, ShareLinkFactory, digest
from tests.stand_ins.drift import drifted

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Everything:
    """Ids. What is said of a session is said of ``session``: the scene with both halves and a shot in every state.

    ``finished``: a completed scene of one finished shot, in which nothing is being made; ``bare``: a session with a prompt half
    only; ``deleted_session``: one in the trash. Of the shots, ``shot`` has two finished takes (``take`` is chosen), ``next_shot``
    is cut to it and ``last_shot`` to that (``accepted_cut``), which is not measured against the base yet; ``draft_shot`` has
    never been asked for. ``grade`` is proposed, ``applied_grade`` is of ``next_shot``. The last edit can be undone, and the one
    after it was undone.
    """

    person: int
    session: str
    finished: str
    finished_shot: str
    bare: str
    deleted_session: str
    uuid: str
    prompt_version: str
    shot: str
    next_shot: str
    last_shot: str
    failed_shot: str
    running_shot: str
    unknown_shot: str
    draft_shot: str
    deleted_shot: str
    take: str
    other_take: str
    next_take: str
    last_take: str
    failed_take: str
    running_take: str
    unknown_take: str
    job: str
    cut: str
    accepted_cut: str
    grade: str
    applied_grade: str
    clip: str
    still: str
    frame: str
    style: str
    older_style: str
    proxy: str
    template: str
    link: str
    link_token: str
    token: str
    living_shots: tuple[str, ...]

    def ids(self) -> dict[str, str]:
        """Every id of a thing by its name here; ``person`` and the list left out."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self) if field.name not in _NO_THING}


_NO_THING = ("person", "living_shots")


def a_scene_with_everything(person: "User") -> Everything:
    """Made by the engine's own verbs where they write more than one row. Nothing runs: what is asked for stays asked for."""
    session = SessionFactory(owner=person, name="Rain over the harbour", active_mode="continuity")
    prompt = _prompt(session, person)
    half = scene.ContinuityFactory(session=session, auto_extract=False, default_mode=ShotMode.NONE)
    rows = {name: scene.ShotFactory(session=session, user_prompt=f"Wide shot: {name}, rain on the lens.") for name in _SHOTS}
    takes = _finished_takes(rows)
    takes |= _other_takes(rows, person)
    older = _look(half, takes["take"])
    cut = _cut(session, takes["take"], takes["next_take"])
    accepted = _cut(
        session, takes["next_take"], takes["last_take"], accepted_by=person, accepted_at=NOON, accepted_note="Wanted."
    )
    grade, applied = _grade(takes["take"], GradeState.PROPOSED), _grade(takes["next_take"], GradeState.APPLIED)
    clip, still = _files(person)
    frame = Frame.objects.get(asset=still)
    proxy = scene.SceneProxyFactory(session=session, reference=frame, current=True)
    _edits(rows, person)
    Shot.objects.filter(pk=rows["deleted"].pk).update(deleted_at=NOON)
    link, finished = ShareLinkFactory(session=session), _finished(person, takes["take"])
    living = Shot.objects.filter(session=session).order_by("rank").values_list("pk", flat=True)
    return Everything(
        person=person.pk,
        session=session.pk,
        finished=finished.session_id,
        finished_shot=finished.pk,
        bare=_bare(person).pk,
        deleted_session=SessionFactory(owner=person, name="Left", deleted_at=NOON).pk,
        uuid=str(prompt.uuid),
        prompt_version=prompt.versions.get(number=1).pk,
        **{f"{name}_shot".removeprefix("first_"): row.pk for name, row in rows.items()},
        **{name: take.pk for name, take in takes.items()},
        job=Job.objects.get(take=takes["running_take"], kind=JobKind.GENERATE).pk,
        cut=cut.pk,
        accepted_cut=accepted.pk,
        grade=grade.pk,
        applied_grade=applied.pk,
        clip=clip.pk,
        still=still.pk,
        frame=frame.pk,
        style=str(Continuity.objects.values_list("base_style", flat=True).get(pk=half.pk)),
        older_style=older.pk,
        proxy=proxy.pk,
        template=scene.StyleTemplateFactory(owner=person, values=scene.style_values(mood="calm")).pk,
        link=link.pk,
        link_token=link.token,
        token=ApiTokenFactory(user=person, hash=digest(uuid4())).pk,
        living_shots=tuple(living),
    )


_SHOTS = ("first", "next", "last", "failed", "running", "unknown", "draft", "deleted")


def _prompt(session: Session, person: "User") -> Prompt:
    prompt = create_prompt(session=session, by=person, input="A ferry leaves the harbour at dusk")
    Prompt.objects.filter(pk=prompt.pk).update(uuid=uuid4())
    return change_prompt(prompt=prompt, by=person, input="A ferry leaves the harbour at dusk, rain on the lens")


def _finished_takes(rows: dict[str, Shot]) -> dict[str, Take]:
    """Four real clips: the first shot's second take is not chosen, the next shot has drifted from it, the last is elsewhere."""
    first = take_showing(rows["first"], OPENING)
    other = take_showing(rows["first"], drifted(OPENING, WARM))
    Shot.objects.filter(pk=rows["first"].pk).update(chosen_take=first)
    return {
        "take": first,
        "other_take": other,
        "next_take": take_showing(rows["next"], drifted(OPENING, WARM)),
        "last_take": take_showing(rows["last"], ELSEWHERE),
    }


def _other_takes(rows: dict[str, Shot], person: "User") -> dict[str, Take]:
    said = {"state": TakeState.FAILED, "error_code": "content_refused", "error_sentence": "The provider refused these words."}
    return {
        "failed_take": scene.TakeFactory(shot=rows["failed"], **said),
        "running_take": shots.request_generation(shot=rows["running"], by=person),
        "unknown_take": _unknown(shots.request_generation(shot=rows["unknown"], by=person)),
    }


def _unknown(take: Take) -> Take:
    """As a worker leaves it that never heard what became of its request."""
    Take.objects.filter(pk=take.pk).update(state=TakeState.UNKNOWN, request_sha256=digest(take.pk))
    Job.objects.filter(take=take).update(state=JobState.UNKNOWN, submit_intent_at=NOON, error_sentence="No answer came.")
    return take


def _look(half: Continuity, take: Take) -> Any:
    """Two versions of the style; the take it was measured on is the scene's base. Returns the older version."""
    extraction, _ = styles.measure_asset(take.video)
    Take.objects.filter(pk=take.pk).update(measured=extraction)
    older = scene.StyleFactory(session=half.session, number=1, values=scene.style_values(mood="tense"))
    base = scene.StyleFactory(session=half.session, number=2, values=scene.style_values(mood="calm"), parent=older)
    source = {"base_style": base, "base_style_source": BaseStyleSource.USER_DEFINED, "primary_reference": take.first_frame}
    Continuity.objects.filter(pk=half.pk).update(base_take=take, **source)
    return older


def _cut(session: Session, left: Take, right: Take, **columns: Any) -> Any:
    return scene.CutFactory(session=session, left_take=left, right_take=right, metric=METRIC, band="matches", **columns)


def _grade(take: Take, state: GradeState) -> Any:
    lut = storage.keep_text(_IDENTITY, kind="lut", container="cube")
    asset = scene.AssetFactory(owner=take.video.owner, parent=take.video, blob=lut, role="lut", origin="derived")
    return scene.GradeFactory(take=take, reference_frame=take.first_frame, lut=asset, state=state)


_IDENTITY = "LUT_3D_SIZE 2\n" + "".join(f"{red} {green} {blue}\n" for blue in (0, 1) for green in (0, 1) for red in (0, 1))


def _files(person: "User") -> tuple[Any, Any]:
    """A clip and a picture that were uploaded, of no session."""
    with storage.scratch_directory() as folder:
        clip, still = folder / "upload.mp4", folder / "upload.png"
        run_reference([*PICTURE, "-frames:v", "4", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(clip)])
        run_reference([*PICTURE, "-frames:v", "1", str(still)])
        return tuple(imports.import_upload(path=path, name=path.name, owner=person) for path in (clip, still))  # type: ignore[return-value]


def _edits(rows: dict[str, Shot], person: "User") -> None:
    """The draft's words were changed twice; the second change is undone."""
    for words in ("Close-up: the captain's hands.", "Close-up: the captain's cap."):
        shots_edit.change_shot(shot=rows["draft"], by=person, user_prompt=words)
    undo.undo(session=rows["draft"].session, by=person)


def _finished(person: "User", take: Take) -> Shot:
    """A shot whose take has the clip of ``take``."""
    session = SessionFactory(owner=person, name="Cut and done", status=SessionStatus.COMPLETED)
    scene.ContinuityFactory(session=session)
    shot = scene.ShotFactory(session=session)
    pictures = {"video": take.video, "first_frame": take.first_frame, "last_frame": take.last_frame}
    shot.chosen_take = scene.DoneTakeFactory(shot=shot, number=1, **pictures)
    shot.save()
    return shot


def _bare(person: "User") -> Session:
    session = SessionFactory(owner=person, name="Words only", created_at=NOON + timedelta(hours=1), updated_at=timezone.now())
    create_prompt(session=session, by=person, input="A lighthouse in fog, wide shot, at dawn")
    return session
