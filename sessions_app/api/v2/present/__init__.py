"""Rows as answers: what each thing looks like (one module per thing), what is read for it (``reads``), long lists (``lists``)."""

from sessions_app.api.v2.present.continuity import proxy_dto, proxy_preview_dto, settings_dto
from sessions_app.api.v2.present.generation import apply_report_dto, generation_preview_dto
from sessions_app.api.v2.present.history import edit_dto
from sessions_app.api.v2.present.job import job_dto
from sessions_app.api.v2.present.letting_in import new_token_dto, token_dto
from sessions_app.api.v2.present.lists import (
    asset_page,
    edit_list,
    grade_page,
    job_page,
    prompt_version_page,
    session_page,
    share_link_page,
    shot_page,
    style_page,
    take_page,
    template_page,
    token_page,
)
from sessions_app.api.v2.present.media import asset_dto, frame_dto
from sessions_app.api.v2.present.metrics import metrics_dto
from sessions_app.api.v2.present.prompt import prompt_dto, version_dto
from sessions_app.api.v2.present.reads import (
    accepted_take,
    cut_dto,
    cut_list,
    drift_dto,
    film_dto,
    grade_dto,
    job_list,
    job_of_take,
    jobs_of_takes,
    links_dto,
    me_dto,
    model_dto_or_404,
    model_list,
    playlist_dto,
    session_dto,
    share_link_dto,
    shared_session_dto,
    shot_dto,
    upload_dto,
)
from sessions_app.api.v2.present.reads import take_dto_of as take_dto
from sessions_app.api.v2.present.style import extraction_dto, style_dto, template_dto

__all__ = [
    "accepted_take",
    "apply_report_dto",
    "asset_dto",
    "asset_page",
    "cut_dto",
    "cut_list",
    "drift_dto",
    "edit_dto",
    "edit_list",
    "extraction_dto",
    "film_dto",
    "frame_dto",
    "generation_preview_dto",
    "grade_dto",
    "grade_page",
    "job_dto",
    "job_list",
    "job_of_take",
    "job_page",
    "jobs_of_takes",
    "links_dto",
    "me_dto",
    "metrics_dto",
    "model_dto_or_404",
    "model_list",
    "new_token_dto",
    "playlist_dto",
    "prompt_dto",
    "prompt_version_page",
    "proxy_dto",
    "proxy_preview_dto",
    "session_dto",
    "session_page",
    "settings_dto",
    "share_link_dto",
    "share_link_page",
    "shared_session_dto",
    "shot_dto",
    "shot_page",
    "style_dto",
    "style_page",
    "take_dto",
    "take_page",
    "template_dto",
    "template_page",
    "token_dto",
    "token_page",
    "upload_dto",
    "version_dto",
]
