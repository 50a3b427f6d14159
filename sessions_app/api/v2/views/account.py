"""Who you are, your tokens, signing in; the models; the metrics of an installation."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from sessions_app import metrics, tokens
from sessions_app.api.answers import Answer, created
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import LinksDto, MeDto, MetricsDto, ModelDto, NewTokenDto, TokenDto
from sessions_app.api.v2.inputs import account as inputs
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.views import ApiView
from sessions_app.enums import ThrottleScope, TokenScope
from sessions_app.models import ApiToken
from sessions_app.web.accounts import SignInForm

WRITE = TokenScope.WRITE


class Root(ApiView):
    tag = "start"

    @operation("List what there is", answer=LinksDto, anonymous=True)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.links_dto())


class Me(ApiView):
    tag = "account"

    @operation(
        "Read who you are",
        answer=MeDto,
        description="With what you may still spend this month, and the limits that hold for you.",
    )
    def get(self, asked: Asked) -> Answer:
        return Answer(present.me_dto(asked.user, asked.request.auth))


class Tokens(ApiView):
    tag = "account"

    @operation("List your tokens", answer=Page(TokenDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.token_page(asked.user, asked.query))

    @operation(
        "Make a token", scope=WRITE, status=201, body=inputs.NewToken, answer=NewTokenDto, remembers=False,
        description="Only for who is signed in on the site: a token cannot make tokens. `secret` is shown this once.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        if isinstance(asked.request.auth, ApiToken):
            raise Problem(403, "token_cannot_make_tokens", "A token cannot make tokens: use sign-in with your password.")
        return _made(asked)


class OneToken(ApiView):
    tag = "account"

    @operation("Read a token", answer=TokenDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.token_dto(_token(asked)))

    @operation("Revoke a token", scope=WRITE, answer=TokenDto)
    def delete(self, asked: Asked) -> Answer:
        return Answer(present.token_dto(tokens.revoke(token=_token(asked), by=asked.user)))


class SignIn(ApiView):
    tag = "account"
    authentication_classes = []

    @operation(
        "Sign in for a token", scope=WRITE, status=201, body=inputs.SignIn, answer=NewTokenDto, anonymous=True,
        throttle=ThrottleScope.SIGN_IN,
        description="For scripts: a name and a password once, a token from then on.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        request = asked.request._request
        form = SignInForm(request, data={name: asked.body.pop(name) for name in ("username", "password")})
        if form.is_valid():
            asked.request.user = form.get_user()
            return _made(asked)
        if form.wait:
            wait = {"Retry-After": str(form.wait)}
            raise Problem(429, "too_many_tries", "Too many tries: wait as long as Retry-After says.", headers=wait)
        raise Problem(401, "wrong_password", "This name and password do not belong together: check both.")


class SignOut(ApiView):
    tag = "account"

    @operation("Sign out", scope=TokenScope.READ, status=204, description="Revokes the token that this call is made with.")
    def post(self, asked: Asked) -> Answer:
        token = asked.request.auth
        if not isinstance(token, ApiToken):
            raise Problem(409, "no_token", "You are signed in on the site and not with a token: sign out there.")
        tokens.revoke(token=token, by=asked.user)
        return Answer()


class Models(ApiView):
    tag = "models"

    @operation(
        "List the models", answer=Page(ModelDto), description="What each can do, what it costs, and what stands in its way here."
    )
    def get(self, asked: Asked) -> Answer:
        return Answer(present.model_list())


class OneModel(ApiView):
    tag = "models"

    @operation("Read a model", answer=ModelDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.model_dto_or_404(asked.ids["model_id"]))


class Metrics(ApiView):
    tag = "staff"

    @operation("Read the metrics of this installation", answer=MetricsDto, query=inputs.MetricsQuery, description="For staff.")
    def get(self, asked: Asked) -> Answer:
        if not asked.user.is_staff:
            raise Problem(403, "staff_only", "Only staff may read the metrics of the whole installation.")
        days = asked.query.get("days")
        since = timezone.now() - timedelta(days=days) if days else None
        return Answer(present.metrics_dto(metrics.continuity_metrics(since=since)))


def _made(asked: Asked) -> Answer:
    wish: dict[str, Any] = asked.body
    token, secret = tokens.make_token(user=asked.user, **wish)
    return created(present.new_token_dto(token, secret), f"/api/v2/tokens/{token.pk}")


def _token(asked: Asked) -> ApiToken:
    token: ApiToken = asked.one(ApiToken.objects.filter(user=asked.user), asked.ids["token_id"])
    return token
