"""The look of a scene: reading it, editing it, giving it to all shots; templates."""

from django.http import Http404

from continuity.models import Style, StyleTemplate
from continuity.services import style_apply, style_edit
from sessions_app.api import etag
from sessions_app.api.answers import Answer, created
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import ApplyReportDto, StyleDto, StyleTemplateDto
from sessions_app.api.v2.inputs import continuity as inputs
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.v2.views.continuity import require_half
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope

WRITE = TokenScope.WRITE


class SceneStyle(ApiView):
    tag = "style"

    @operation("Read the style of a scene", answer=StyleDto, has_tag=True, description="404 while nothing was measured or set.")
    def get(self, asked: Asked) -> Answer:
        tag = asked.unless_known(version=asked.session.version, revision=asked.session.revision)
        return Answer(_base(asked), headers={"ETag": tag})

    @operation("Edit the style of a scene", scope=WRITE, body=inputs.StyleChange, answer=StyleDto, if_match=True, has_tag=True)
    def patch(self, asked: Asked) -> Answer:
        require_half(asked)
        body = asked.body
        style_edit.edit_style(
            session=asked.session,
            changes=body.get("values"),
            lock=body.get("lock"),
            by=asked.user,
        )
        asked.session.refresh_from_db(fields=["version", "revision"])
        tag = etag.etag(version=asked.session.version, revision=asked.session.revision)
        return Answer(_base(asked), headers={"ETag": tag})


class StyleVersions(ApiView):
    tag = "style"

    @operation("List the versions of a style", answer=Page(StyleDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        require_half(asked)
        return Answer(present.style_page(asked.session, asked.query))


class ResetStyle(ApiView):
    tag = "style"

    @operation("Reset the style to shot 1", scope=WRITE, answer=StyleDto)
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        style_edit.reset_to_first_shot(session=asked.session, by=asked.user)
        return Answer(_base(asked))


class ApplyStyle(ApiView):
    tag = "style"

    @operation("See what applying the style to all shots changes", answer=ApplyReportDto)
    def get(self, asked: Asked) -> Answer:
        require_half(asked)
        return Answer(present.apply_report_dto(style_apply.apply_to_all_preview(session=asked.session)))

    @operation(
        "Apply the style to all shots", scope=WRITE, answer=ApplyReportDto,
        description="Takes back what shots have of their own. Nothing is generated; the report says what that would cost.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        return Answer(present.apply_report_dto(style_apply.apply_to_all(session=asked.session, by=asked.user)))


class SaveStyle(ApiView):
    tag = "style"

    @operation("Save the style as a template", scope=WRITE, status=201, body=inputs.TemplateName, answer=StyleTemplateDto)
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        template = style_edit.save_template(session=asked.session, name=asked.body["name"], by=asked.user)
        return created(present.template_dto(template), f"/api/v2/style-templates/{template.pk}")


class StartFromTemplate(ApiView):
    tag = "style"

    @operation("Start the style from a template", scope=WRITE, body=inputs.TemplateRef, answer=StyleDto)
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        mine = StyleTemplate.objects.filter(owner=asked.user)
        template = asked.find(mine, asked.body["template_id"], pointer="/templateId")
        style_edit.start_from_template(session=asked.session, template=template, by=asked.user)
        return Answer(_base(asked))


class Templates(ApiView):
    tag = "style"

    @operation("List your style templates", answer=Page(StyleTemplateDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.template_page(asked.user, asked.query))


class OneTemplate(ApiView):
    tag = "style"

    @operation("Read a style template", answer=StyleTemplateDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.template_dto(_template(asked)))

    @operation("Delete a style template", scope=WRITE, status=204)
    def delete(self, asked: Asked) -> Answer:
        style_edit.delete_template(template=_template(asked))
        return Answer()


def _base(asked: Asked) -> StyleDto:
    base = require_half(asked).base_style_id
    style = Style.objects.filter(pk=base).first() if base else None
    if style is None:
        raise Http404
    return present.style_dto(style)


def _template(asked: Asked) -> StyleTemplate:
    template: StyleTemplate = asked.one(StyleTemplate.objects.filter(owner=asked.user), asked.ids["template_id"])
    return template
