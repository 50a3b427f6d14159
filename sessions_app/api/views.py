"""What every view of the API is: strict JSON in, JSON or the browsable page out, problems for every error."""

from typing import Any

from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sessions_app.api.authentication import CookieAuthentication, TokenAuthentication
from sessions_app.api.browsable import ApiPages
from sessions_app.api.operation import Operation
from sessions_app.api.parsers import StrictJSONParser, require_readable
from sessions_app.api.problems import PROBLEM_JSON, Problem
from sessions_app.api.renderers import OrjsonRenderer
from sessions_app.api.throttles import ScopedThrottle
from sessions_app.enums import ThrottleScope


class ApiView(APIView):
    """Methods are declared with ``@operation``. Who may do what is decided there and by ``access``, never by a permission
    class, so that a foreign object is always 404."""

    authentication_classes = [TokenAuthentication, CookieAuthentication]
    permission_classes = []
    renderer_classes = [OrjsonRenderer, ApiPages]
    parser_classes = [StrictJSONParser, FormParser, MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        require_readable(request.headers)
        super().initial(request, *args, **kwargs)

    def operation_of(self, request: Request) -> Operation | None:
        """What the request's method is declared as; None = this address has no such method."""
        method = "get" if request.method == "HEAD" else str(request.method).lower()
        return getattr(getattr(self, method, None), "operation", None)

    def get_throttles(self) -> list[BaseThrottle]:
        declared = self.operation_of(self.request)
        if declared is None:
            return []
        return [ScopedThrottle(ThrottleScope.READ if declared.is_dry_run(self.request) else declared.throttle)]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What can be done here, without a body: the document says the rest."""
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if getattr(answer, "exception", False) and answer.accepted_renderer.format == "json":
            answer.content_type = PROBLEM_JSON
        return answer


class NoSuchAddress(ApiView):
    """Everything under /api that is no address of it."""

    authentication_classes = []

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.http_method_names = []
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        raise Problem(404, "not_found", "This address is no part of the API: GET /api/v2 lists what is.")
