"""The engine's records in the admin: money in dollars, pictures, and links from one to the next."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from continuity.models import Job, Shot, Take
from tests.factories import continuity as scene

pytestmark = [pytest.mark.django_db, pytest.mark.planted_budget]


@pytest.fixture
def client(staff: Any) -> Client:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    client = Client()
    client.force_login(staff)
    return client


def page_of(client: Client, row: Any) -> str:
    return client.get(reverse(f"admin:continuity_{row._meta.model_name}_change", args=[quote(row.pk)])).content.decode()


def link_to(row: Any) -> str:
    return f'href="{reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])}"'


def test_job_leads_to_its_take_shot_session_and_money(client: Client) -> None:
    take = scene.TakeFactory()
    job = scene.JobFactory(session=take.shot.session, shot=take.shot, take=take)

    page = page_of(client, job)

    assert all(link_to(row) in page for row in (take, take.shot, take.shot.session))
    assert f'href="/admin/continuity/charge/?q={job.pk}"' in page


@pytest.mark.parametrize(("start", "target"), [("shot", "take"), ("shot", "job"), ("take", "job"), ("take", "charge")])
def test_list_behind_a_link_holds_exactly_what_belongs_there(client: Client, start: str, target: str) -> None:
    rows = {}
    for name in ("mine", "other"):
        take = scene.TakeFactory()
        job = scene.JobFactory(session=take.shot.session, shot=take.shot, take=take)
        rows[name] = {"shot": take.shot, "take": take, "job": job, "charge": scene.ChargeFactory(job=job, take=take)}
    link = f"/admin/continuity/{target}/?q={rows['mine'][start].pk}"

    assert f'href="{link}"' in page_of(client, rows["mine"][start])
    page = client.get(link).content.decode()
    assert (link_to(rows["mine"][target])[:-1] in page, link_to(rows["other"][target])[:-1] in page) == (True, False)


def test_money_is_in_dollars(client: Client) -> None:
    charge = scene.ChargeFactory(reserved_micros=1_250_000, estimate_micros=1_250_000)
    budget = scene.BudgetFactory(limit_micros=None)

    page, listed = page_of(client, charge), client.get(reverse("admin:continuity_charge_changelist")).content.decode()

    assert ("$1.25" in page, "1250000" in page) == (True, False)
    assert ("$1.25" in listed, "1250000" in listed) == (True, False)
    assert "no limit" in page_of(client, budget)


def test_take_and_frame_show_their_pictures(client: Client) -> None:
    take = scene.DoneTakeFactory()

    assert f'src="/admin/media/{take.video_id}/first"' in page_of(client, take)
    assert f'src="/admin/media/{take.video_id}/last"' in page_of(client, take)
    assert f'src="/admin/media/{take.first_frame.image_id}/original"' in page_of(client, take.first_frame)


def test_take_without_clip_has_no_picture(client: Client) -> None:
    assert "/admin/media/" not in page_of(client, scene.TakeFactory())


def test_lists_are_filtered_by_state(client: Client) -> None:
    queued, done = scene.JobFactory(), scene.DoneJobFactory()

    page = client.get("/admin/continuity/job/", {"state__exact": "done"}).content.decode()

    assert (done.pk in page, queued.pk in page) == (True, False)


def test_deleted_shot_is_still_shown_to_staff(client: Client) -> None:
    shot = scene.ShotFactory()
    shot.delete_softly()

    assert shot.pk in client.get("/admin/continuity/shot/").content.decode()


def test_text_of_people_and_vendors_does_not_become_markup(client: Client) -> None:
    script = "<script>alert(1)</script>"
    take = scene.TakeFactory(user_prompt=script, state="failed", error_code="x", error_sentence=script, error_raw=script)
    Shot.objects.update(user_prompt=script)
    job = scene.JobFactory(take=take, error_raw=script)

    pages = [page_of(client, take), page_of(client, take.shot), page_of(client, job)]
    pages += [client.get(f"/admin/continuity/{model._meta.model_name}/").content.decode() for model in (Take, Shot, Job)]

    assert [page.count(script) for page in pages] == [0] * 6
