"""Every page and every button. A session's pages are named by its modes; files are ``/media/…``."""

from django.contrib.auth import views as auth_views
from django.urls import URLPattern, path

from sessions_app.web import accounts, actions, views
from sessions_app.web.media import media, shared_media

SCENE = "session/<str:session_id>"
SHOT = f"{SCENE}/shots/<str:shot_id>"
TAKE = f"{SCENE}/takes/<str:take_id>"

urlpatterns: list[URLPattern] = [
    path("", views.session_list, name="session-list"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("sign-up/", accounts.SignUp.as_view(), name="sign-up"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password-reset/", accounts.PasswordReset.as_view(), name="password-reset"),
    path("password-reset/sent/", auth_views.PasswordResetDoneView.as_view(), name="password-reset-sent"),
    path("password-reset/done/", auth_views.PasswordResetCompleteView.as_view(), name="password-reset-complete"),
    path("password-reset/<uidb64>/<token>/", accounts.NewPassword.as_view(), name="password-reset-confirm"),
    path(f"{SCENE}/continuity", views.scene, name="scene"),
    path(f"{SCENE}/drift.png", views.drift_plot, name="drift-plot"),
    path(f"{SCENE}/shots", actions.add_shot, name="shot-add"),
    path(f"{SCENE}/generate", actions.generate_missing, name="generate-missing"),
    path(f"{SCENE}/settings", actions.change_settings, name="settings-change"),
    path(f"{SCENE}/cuts", actions.measure_cuts, name="cuts-measure"),
    path(f"{SCENE}/film", actions.make_film, name="film-make"),
    path(f"{SHOT}/generate", actions.generate, name="shot-generate"),
    path(f"{SHOT}/final", actions.make_final, name="shot-final"),
    path(f"{SHOT}/choose-best", actions.choose_best, name="shot-choose-best"),
    path(f"{SHOT}/bridge", actions.bridge_from, name="shot-bridge"),
    path(f"{SHOT}/lock", actions.lock, name="shot-lock"),
    path(f"{SHOT}/unlock", actions.unlock, name="shot-unlock"),
    path(f"{SCENE}/cuts/<str:cut_id>/accept", actions.accept_cut, name="cut-accept"),
    path(f"{SCENE}/cuts/<str:cut_id>/withdraw", actions.withdraw_cut, name="cut-withdraw"),
    path(f"{SCENE}/grades/<str:grade_id>/apply", actions.apply_grade, name="grade-apply"),
    path(f"{SCENE}/grades/<str:grade_id>/remove", actions.remove_grade, name="grade-remove"),
    path(f"{TAKE}/grade", actions.propose_grade, name="grade-propose"),
    path(f"{TAKE}/re-anchor", actions.re_anchor, name="take-re-anchor"),
    path(f"{TAKE}/retry", actions.retry, name="take-retry"),
    path(f"{TAKE}/cancel", actions.cancel, name="take-cancel"),
    path(f"{TAKE}/choose", actions.choose, name="take-choose"),
    path(f"{TAKE}/attach", actions.attach_remote_id, name="take-attach"),
    path(f"{TAKE}/not-made", actions.not_made, name="take-not-made"),
    path(f"{TAKE}/give-up", actions.give_up, name="take-give-up"),
    path("media/<str:asset_id>/<str:variant>", media, name="media"),
    path("share/<str:token>/media/<str:asset_id>/<str:variant>", shared_media, name="shared-media"),
]
