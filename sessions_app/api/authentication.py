"""Who is asking: a script by its token, or a person by the session cookie of the site (with CSRF)."""

from django.contrib.auth.models import User
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from sessions_app import request_id, tokens
from sessions_app.models import ApiToken


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer tl_…``. First in line, so that an anonymous call is answered 401 and not 403."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        sent = request.headers.get("Authorization", "")
        if not sent.partition(" ")[0]:
            return None
        token = tokens.of_header(sent)
        if token is None:
            raise exceptions.AuthenticationFailed("This token opens nothing: it is wrong, revoked or expired. Make a new one.")
        request_id.note_token()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return tokens.CHALLENGE


class CookieAuthentication(authentication.SessionAuthentication):
    """The site's own session. Writing needs the CSRF token, as every form of the site has it."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied("Send the CSRF token as X-CSRFToken, or use an API token.") from error
