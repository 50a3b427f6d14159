"""Coming in and going: sign in, sign up, sign out, and a new password by mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm, UserCreationForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.signals import user_logged_out
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from sessions_app import tokens
from sessions_app.audit import write_down
from sessions_app.web import tries

TOO_MANY = 429
UNPROCESSABLE = 422
ADDRESS = forms.TextInput(attrs={"inputmode": "email", "autocomplete": "email", "spellcheck": "false"})
"""Drawn as every text field of the product; what was typed is checked by the server, in our own words."""


class SignInForm(AuthenticationForm):
    """Signing in anywhere: so many tries at one name, and each of them is written down. ``wait`` in seconds, 0 = none."""

    wait = 0

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password") or self.request is None:
            return super().clean()
        self.wait = tries.wait_before("sign-in", self.request, about=name)
        if self.wait:
            raise forms.ValidationError(tries.too_many(self.wait), code="too_many_tries")
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            self._write_down_failure(name)
            raise
        tries.forgive("sign-in", self.request, about=name)
        user = self.get_user()
        write_down("sign_in", by=user, kind="user", target_id=str(user.pk))
        return cleaned

    def _write_down_failure(self, name: str) -> None:
        """Without the name where nobody is called so: it may be a password that was typed into the wrong field."""
        known = User.objects.filter(username=name).values_list("pk", flat=True).first()
        write_down("sign_in_failed", by=None, kind="user", target_id="" if known is None else str(known))


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    """The admin's own page counts the same tries."""


class SignIn(auth_views.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        assert isinstance(form, SignInForm)
        return _asked_to_wait(super().form_invalid(form), form.wait)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sign_up_open=settings.SIGN_UP_OPEN, **kwargs)


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]
    email = forms.EmailField(
        label="E-mail", max_length=254, help_text="For a new password, should you forget this one.", widget=ADDRESS
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_plainly(self, "password1", "password2")
        self.fields["username"].help_text = ""


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SignUp(FormView):  # type: ignore[type-arg]
    """A new account, signed in at once. Not there at all unless SIGN_UP_OPEN says so."""

    template_name = "registration/sign_up.html"
    form_class = SignUpForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SIGN_UP_OPEN:
            raise Http404
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _counted(self, "sign-up") or super().post(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        try:
            with transaction.atomic():
                user = form.save()
                write_down("sign_up", by=user, kind="user", target_id=str(user.pk))
        except IntegrityError:  # somebody else took the name in this moment
            form.add_error("username", "A user with that username already exists.")
            return self.form_invalid(form)
        login(self.request, user)
        return redirect(settings.LOGIN_REDIRECT_URL)

    def form_invalid(self, form: SignUpForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class PasswordResetForm(auth_forms.PasswordResetForm):
    email = forms.EmailField(label="E-mail", max_length=254, widget=ADDRESS)


class PasswordReset(auth_views.PasswordResetView):
    """Asks for the address. What it answers is the same for every address."""

    form_class = PasswordResetForm
    email_template_name = "registration/password_reset_email.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    success_url = reverse_lazy("password-reset-sent")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _counted(self, "password-reset", about=request.POST.get("email", "")) or super().post(request, *args, **kwargs)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_plainly(self, "new_password1", "new_password2")


class NewPassword(auth_views.PasswordResetConfirmView):
    """The link of the mail. Who was signed in with the old password is signed in no more, and no token made with it works."""

    form_class = NewPasswordForm
    success_url = reverse_lazy("password-reset-complete")

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        response = super().form_valid(form)
        write_down("password.reset", by=form.user, kind="user", target_id=str(form.user.pk))
        tokens.revoke_all(user=form.user)
        return response


@receiver(user_logged_out)
def write_down_sign_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        write_down("sign_out", by=user, kind="user", target_id=str(user.pk))


def _counted(view: "FormView[Any]", what: str, *, about: str = "") -> HttpResponse | None:
    """The page with the sentence that asks to wait; None = this try may go on."""
    wait = tries.wait_before(what, view.request, about=about)
    if not wait:
        return None
    form = view.get_form()
    form.full_clean()
    form.errors.clear()
    form.add_error(None, tries.too_many(wait))
    return _asked_to_wait(view.render_to_response(view.get_context_data(form=form)), wait)


def _asked_to_wait(response: HttpResponse, seconds: int) -> HttpResponse:
    if seconds:
        response.status_code = TOO_MANY
        response["Retry-After"] = str(seconds)
    return response


def _say_plainly(form: forms.BaseForm, first: str, second: str) -> None:
    """Django says what a password must be as a list in HTML; our fields show sentences."""
    form.fields[first].help_text = " ".join(password_validators_help_texts())
    form.fields[second].help_text = ""
