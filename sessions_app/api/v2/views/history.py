"""What people changed, and taking it back; share links."""

from django.http import Http404

from sessions_app import access, sharing, undo
from sessions_app.api.answers import Answer, created
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import EditDto, SharedSessionDto, ShareLinkDto
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.v2.inputs.session import NewShareLink
from sessions_app.api.views import ApiView
from sessions_app.enums import ShareScope, TokenScope
from sessions_app.models import ShareLink

WRITE = TokenScope.WRITE


class Edits(ApiView):
    tag = "history"

    @operation("List what can be undone", answer=Page(EditDto), description="The last 50 edits, the newest first.")
    def get(self, asked: Asked) -> Answer:
        return Answer(present.edit_list(asked.session))


class Undo(ApiView):
    tag = "history"

    @operation(
        "Undo the last edit", scope=WRITE, answer=EditDto,
        description="Answers the edit that did it. 409 when it was changed since. Paid work is never undone.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        return Answer(present.edit_dto(undo.undo(session=asked.session, by=asked.user)))


class Redo(ApiView):
    tag = "history"

    @operation("Redo what was undone last", scope=WRITE, answer=EditDto)
    def post(self, asked: Asked) -> Answer:
        return Answer(present.edit_dto(undo.redo(session=asked.session, by=asked.user)))


class ShareLinks(ApiView):
    tag = "sharing"

    @operation("List the share links of a session", answer=Page(ShareLinkDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.share_link_page(asked.session, asked.query))

    @operation("Share a session", scope=WRITE, status=201, body=NewShareLink, answer=ShareLinkDto)
    def post(self, asked: Asked) -> Answer:
        scope = ShareScope(asked.body.get("scope", ShareScope.SESSION))
        days = asked.body.get("expires_in_days")
        link = sharing.make_link(session=asked.session, by=asked.user, scope=scope, expires_in_days=days)
        return created(present.share_link_dto(link), f"/api/v2/share-links/{link.pk}")


class OneShareLink(ApiView):
    tag = "sharing"

    @operation("Read a share link", answer=ShareLinkDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.share_link_dto(_link(asked)))

    @operation("Revoke a share link", scope=WRITE, answer=ShareLinkDto)
    def delete(self, asked: Asked) -> Answer:
        return Answer(present.share_link_dto(sharing.revoke_link(link=_link(asked), by=asked.user)))


class SharedSession(ApiView):
    tag = "sharing"

    @operation("Read what a share link shows", answer=SharedSessionDto, anonymous=True)
    def get(self, asked: Asked) -> Answer:
        link = sharing.find_link(asked.ids["token"])
        if link is None:
            raise Http404
        return Answer(present.shared_session_dto(link), headers={"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})


def _link(asked: Asked) -> ShareLink:
    return asked.one(access.visible_links(asked.user), asked.ids["link_id"])
