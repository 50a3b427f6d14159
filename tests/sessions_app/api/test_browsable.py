"""The API in a browser: what is shown, what a form without JavaScript does, and that nobody's words become markup."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from sessions_app.api.browsable import error_page
from tests.sessions_app.api import toy_addresses
from tests.sessions_app.api.page_reader import PageReader

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_addresses")]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '"><b onclick=alert(1)>',
    "</textarea><b>",
    "{{ 7|add:7 }}",
]


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client(enforce_csrf_checks=True, headers={"Accept": BROWSER})
    client.force_login(owner)
    return client


def read(response: HttpResponse) -> PageReader:
    assert response["Content-Type"] == "text/html; charset=utf-8"
    return PageReader(response.content.decode())


def test_answer_is_shown_as_the_json_that_a_script_gets(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots/sht_1"))

    assert json.loads(page.texts["json"]) == browser.get("/api/v2/shots/sht_1", headers={"Accept": "*/*"}).json()


def test_links_of_an_answer_are_those_of_this_site(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots/sht_1"))

    assert page.links["json"] == ["/api/v2/shots/sht_1", "/media/ast_1/original"]


def test_status_and_headers_are_shown(browser: Client) -> None:
    response = browser.get("/api/v2/shots/sht_1")

    shown = read(response).texts["answer"]
    assert response["ETag"] == '"3.7"'
    for words in ["200 OK", "ETag", '"3.7"', "X-Request-Id", response["X-Request-Id"], "application/json"]:
        assert words in shown


def test_breadcrumb_leads_through_what_can_be_read(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots/sht_1/takes"))

    assert page.links["crumbs"] == ["/api/v2", "/api/v2/shots", "/api/v2/shots/sht_1"]
    assert page.texts["crumbs"].split() == ["API", "v2", "shots", "sht_1", "takes"]
    assert read(browser.get("/api/v2/nothing/here")).links["crumbs"] == ["/api/v2"]


def test_link_to_plain_json_keeps_the_parameters(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots?status=active"))

    [plain] = [link for link in page.links["answer"] if "format" in link]
    assert browser.get(f"/api/v2/shots{plain}").json()["status"] == "active"


def test_page_is_never_kept_by_the_browser_so_its_key_is_fresh(browser: Client) -> None:
    responses = [browser.get("/api/v2/shots/sht_1") for _ in range(2)]

    forms = [read(response).form("POST", "/api/v2/shots/sht_1/generate") for response in responses]
    assert len({form.fields["Idempotency-Key"] for form in forms}) == 2
    assert responses[0]["Cache-Control"] == "private, no-store"


def test_form_adds_without_javascript(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots")).form("POST", "/api/v2/shots")
    typed = form.fields | {"userPrompt": "A ferry\nat dawn", "seed": "7", "injectStyle": "false", "continuityMode": "none"}

    response = browser.post("/api/v2/shots", typed)

    page, got = read(response), json.loads(read(response).texts["json"])
    assert response.status_code == 201
    assert {"user_prompt": "A ferry\nat dawn", "seed": 7, "inject": False, "mode": "none"}.items() <= got["got"].items()
    assert got["key"] == form.fields["Idempotency-Key"]
    assert "/api/v2/shots/sht_2" in page.links["headers"]


def test_form_holds_every_kind_of_value(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots/sht_1")).form("POST", "/api/v2/shots/sht_1/generate")
    typed = {"userPrompt": " A ferry.", "params": '{"size": [16, 9]}', "order": '["sht_2", "sht_1"]', "styleStrength": "0.5"}

    response = browser.post("/api/v2/shots/sht_1/generate", form.fields | typed | {"scopes": ["read", "spend"]})

    assert json.loads(read(response).texts["json"])["got"] == {
        "user_prompt": " A ferry.",
        "params": {"size": [16, 9]},
        "order": ["sht_2", "sht_1"],
        "style_strength": 0.5,
        "scopes": ["read", "spend"],
    }


def test_second_button_only_says_what_would_happen(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots/sht_1")).form("POST", "/api/v2/shots/sht_1/generate")
    [dry_run] = [button["formaction"] for button in form.buttons if "formaction" in button]

    response = browser.post(dry_run, form.fields | {"userPrompt": "A ferry.", "scopes": []})

    assert json.loads(read(response).texts["json"])["preview"] is True


def test_form_without_its_token_is_refused_on_a_page(browser: Client) -> None:
    response = browser.post("/api/v2/shots", {"userPrompt": "A ferry."})

    assert response.status_code == 403
    assert "CSRF" in read(response).texts["note"]


def test_refused_form_comes_back_as_it_was_typed_with_the_reasons(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots")).form("POST", "/api/v2/shots")

    response = browser.post("/api/v2/shots", form.fields | {"userPrompt": "x" * 301, "seed": "many"})

    page = read(response)
    back = page.form("POST", "/api/v2/shots")
    assert response.status_code == 400
    assert (back.fields["userPrompt"], back.fields["seed"]) == ("x" * 301, "many")
    assert page.texts["postapiv2shots-userPrompt-error"] == "Ensure this field has no more than 300 characters."
    assert [code for code in ("/userPrompt", "/seed") if code in page.texts["pointers"]] == ["/userPrompt", "/seed"]
    assert back.fields["Idempotency-Key"] not in ("", form.fields["Idempotency-Key"])


def test_change_begins_with_what_is_there_and_its_version(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots/sht_1"))

    fields = page.form("PATCH", "/api/v2/shots/sht_1").fields
    [raw] = [form for form in page.forms if form.way[0] == "PATCH" and "data-body" in form.fields]
    assert (fields["userPrompt"], fields["seed"], fields["model"], fields["If-Match"]) == ("A ferry.", "12", "", '"3.7"')
    assert json.loads(raw.fields["data-body"]) == {"userPrompt": "A ferry.", "seed": 12}  # the names of the document's example


def test_new_one_begins_with_what_has_to_be_said(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots"))

    [raw] = [form for form in page.forms if form.way[0] == "POST" and "data-body" in form.fields]
    assert json.loads(raw.fields["data-body"]) == {"userPrompt": ""}


def test_verbs_beneath_are_sent_from_the_page_with_its_version(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots/sht_1")).form("POST", "/api/v2/shots/sht_1/lock")

    response = browser.post("/api/v2/shots/sht_1/lock", form.fields)

    assert form.fields["If-Match"] == '"3.7"'
    assert response.status_code == 200  # a page is content
    assert "204 No Content" in read(response).texts["answer"]


def test_form_with_another_version_is_refused_and_keeps_it(browser: Client) -> None:
    form = read(browser.get("/api/v2/shots/sht_1")).form("POST", "/api/v2/shots/sht_1/lock")

    response = browser.post("/api/v2/shots/sht_1/lock", form.fields | {"If-Match": '"2.1"'})

    assert response.status_code == 412
    assert read(response).form("POST", "/api/v2/shots/sht_1/lock").fields["If-Match"] == '"2.1"'


def test_what_is_beneath_is_shown_where_it_is_nearest(browser: Client) -> None:
    shot, takes = (read(browser.get(f"/api/v2/shots/sht_1{end}")) for end in ("", "/takes"))

    assert shot.links["below"] == ["/api/v2/shots/sht_1/takes"]
    assert [form.way for form in shot.forms if form.way[1].endswith("best")] == []
    assert takes.form("POST", "/api/v2/shots/sht_1/takes/best").fields.keys() == {"csrfmiddlewaretoken", "Idempotency-Key"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_a_plain_form_cannot_send_waits_for_javascript(browser: Client, method: str) -> None:
    form = read(browser.get("/api/v2/shots/sht_1")).form(method, "/api/v2/shots/sht_1")

    assert "method" not in form.attributes
    assert ["disabled" in button for button in form.buttons] == [True]


@pytest.mark.parametrize("disguise", [{"_method": "DELETE"}, {"_content": "{}", "_content_type": "application/json"}])
def test_no_form_is_another_method_in_disguise(browser: Client, disguise: dict[str, str]) -> None:
    token = read(browser.get("/api/v2/shots")).form("POST", "/api/v2/shots").fields["csrfmiddlewaretoken"]

    posts = [
        browser.post(address, {"csrfmiddlewaretoken": token} | disguise) for address in ("/api/v2/shots/sht_1", "/api/v2/shots")
    ]

    assert [response.status_code for response in posts] == [405, 400]


def test_change_from_the_module_is_answered_with_a_page(browser: Client) -> None:
    token = read(browser.get("/api/v2/shots")).form("POST", "/api/v2/shots").fields["csrfmiddlewaretoken"]
    headers = {"Accept": "text/html", "X-CSRFToken": token, "If-Match": '"3.7"'}

    response = browser.patch("/api/v2/shots/sht_1", {"seed": None}, content_type="application/json", headers=headers)

    page = read(response)
    begun_anew = page.form("PATCH", "/api/v2/shots/sht_1").fields
    assert json.loads(page.texts["json"])["got"] == {"seed": None}
    assert (begun_anew["If-Match"], begun_anew["userPrompt"]) == (response["ETag"], "A ferry.") == ('"4.8"', "A ferry.")


def test_parameters_are_a_form_with_what_they_are(browser: Client) -> None:
    page = read(browser.get("/api/v2/shots?status=active"))

    assert page.form("GET", "").fields["status"] == "active"
    assert page.form("POST", "/api/v2/shots").way == ("POST", "/api/v2/shots")  # which does not know that parameter


def test_file_is_uploaded_by_a_plain_form(browser: Client) -> None:
    form = read(browser.get("/api/v2/assets")).form("POST", "/api/v2/assets")
    upload = SimpleUploadedFile("clip.mp4", b"twelve bytes")

    response = browser.post("/api/v2/assets", form.fields | {"file": upload})

    assert form.attributes["enctype"] == "multipart/form-data"
    assert form.fields.keys() == {"csrfmiddlewaretoken", "file"}
    assert json.loads(read(response).texts["json"]) == {"size": 12}


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_people_are_never_markup(browser: Client, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    plain = read(browser.get("/api/v2/shots/sht_1"))
    monkeypatch.setitem(toy_addresses.SHOT, "userPrompt", text)
    monkeypatch.setitem(toy_addresses.SHOT, "urls", {text: f"/api/v2/{text}", "self": text})
    monkeypatch.setitem(toy_addresses.SHOT, "seed", text)

    page = read(browser.get("/api/v2/shots/sht_1"))

    assert json.loads(page.texts["json"]) == toy_addresses.SHOT
    assert page.form("PATCH", "/api/v2/shots/sht_1").fields["userPrompt"] == text
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in plain.elements}
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_an_address_or_a_form_are_never_markup(browser: Client, text: str) -> None:
    form = read(browser.get("/api/v2/shots")).form("POST", "/api/v2/shots")
    addresses = [f"/api/v2/nothing/{text}", f"/api/v2/shots/{text}/takes", "/api/v2/shots"]

    responses = [browser.get(addresses[0]), browser.get(addresses[1], {text: text}), browser.get(addresses[2], {"status": text})]
    responses.append(browser.post("/api/v2/shots", form.fields | {text: text, "seed": text, "If-Match": text}))

    for response in responses:
        elements = read(response).elements
        assert [tag for tag, _ in elements if tag in ("img", "b")] == []
        assert [attributes.get("src") for tag, attributes in elements if tag == "script"] == ["/static/sessions_app/api.js"]
        assert [name for _, attributes in elements for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v2/nothing", 404, "This address is no part of the API"),
        ("/api/v2/forbidden", 403, "You may not do this."),
        ("/api/v2/assets", 405, "This address does not take this method: the header Allow says which it takes."),
        ("/api/v2/shots?status=odd", 400, "status"),
    ],
)
def test_problem_is_a_sentence_in_the_same_frame(browser: Client, address: str, status: int, words: str) -> None:
    response = browser.get(address)

    page = read(response)
    assert response.status_code == status
    assert words in page.texts["note"]
    assert "application/problem+json" in page.texts["headers"]
    assert json.loads(page.texts["json"])["status"] == status
    assert page.links["brand"] == ["/"]


def test_nobody_is_shown_the_way_to_sign_in_and_back(db: None) -> None:
    page = read(Client(headers={"Accept": BROWSER}).get("/api/v2/shots?status=active"))

    assert page.links["note"] == ["/login/?next=/api/v2/shots%3Fstatus%3Dactive"]
    assert page.forms == []


def test_error_of_the_server_is_shown_without_asking_what_may_be_broken(rf: RequestFactory) -> None:
    def broken() -> User:
        raise OperationalError

    request, problem = rf.get("/api/v2/shots"), {"status": 500, "code": "server_error", "detail": "Something <went> wrong."}
    request.user = SimpleLazyObject(broken)  # type: ignore[assignment]

    response = error_page(request, problem, status=500)

    page = read(response)
    assert response.status_code == 500
    assert page.texts["note"].strip() == "Something <went> wrong."
    assert json.loads(page.texts["json"]) == problem


def test_script_gets_json(browser: Client) -> None:
    response = browser.get("/api/v2/shots/sht_1", headers={"Accept": "application/json"})

    assert response["Content-Type"] == "application/json"
    assert response.json() == toy_addresses.SHOT


@pytest.mark.parametrize("address", ["/api/v2/shots", "/api/v2/docs"])
def test_pages_need_nothing_that_the_other_pages_may_not(browser: Client, address: str) -> None:
    response = browser.get(address)

    page = read(response)
    directives = [set(one["Content-Security-Policy"].split("; ")) for one in (response, browser.get("/login/"))]
    assert directives[0] == directives[1]
    assert [attributes for _, attributes in page.elements if "style" in attributes] == []
    sources = [attributes.get("src") or attributes.get("href") for tag, attributes in page.elements if tag in ("script", "link")]
    assert [source for source in sources if not str(source).startswith("/static/")] == []
    assert [source for source in sources if "rest_framework" in str(source)] == []
