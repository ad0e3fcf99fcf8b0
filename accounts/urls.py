"""Addresses of the pages about people, their applications, and what they were told."""

from django.urls import path, register_converter

from accounts import change_page, inbox
from accounts.oidc import views as oidc
from accounts.oidc.doors import local_only
from accounts.views import (
    agreements,
    applying,
    documents,
    email,
    passkeys,
    passwords,
    proving,
    second_factor,
    second_step,
    settings,
    sign_ins,
    signing,
    signing_up,
    uploads,
    waiting,
)


class KindConverter:
    """`trusted-contact` in an address, the kind of details in Python."""

    regex = "|".join(change_page.BY_SLUG)

    def to_python(self, value: str) -> str:
        return change_page.BY_SLUG[value]

    def to_url(self, value: str) -> str:
        return change_page.WORDS[value].slug


register_converter(KindConverter, "kind")

urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-up/", local_only(signing_up.ask), name="sign-up"),
    path("sign-up/sent/", local_only(signing_up.sent), name="sign-up-sent"),
    path("sign-up/<str:key>/", local_only(signing_up.finish), name="sign-up-finish"),
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-in/return/", oidc.Return.as_view(), name="provider-return"),
    path("sign-in/connect/", oidc.connect, name="provider-connect"),
    path("sign-in/code/", local_only(second_step.code), name="sign-in-code"),
    path("sign-in/again/", local_only(proving.again), name="sign-in-again"),
    path("sign-in/again/passkey/question/", local_only(passkeys.question_again), name="passkey-again-question"),
    path("password/", local_only(passwords.ask), name="password-forgotten"),
    path("password/sent/", local_only(passwords.sent), name="password-sent"),
    path("password/<str:key>/", local_only(passwords.finish), name="password-new"),
    path("sign-in/passkey/", local_only(passkeys.sign_in), name="passkey-sign-in"),
    path("sign-in/passkey/question/", local_only(passkeys.sign_in_question), name="passkey-sign-in-question"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("apply/", applying.apply, name="apply"),
    path("apply/check/", applying.apply_check, name="apply-check"),
    path("apply/waiting/", waiting.apply_waiting, name="apply-waiting"),
    path("apply/waiting/status/", waiting.apply_waiting_status, name="apply-waiting-status"),
    path("apply/documents/<slug:slug>/", uploads.document_upload, name="document-upload"),
    path("agreements/<slug:name>/", agreements.agreement, name="agreement"),
    path("agreements/signed/<uuid:signature_id>/", agreements.agreement_signed, name="agreement-signed"),
    path("apply/<slug:slug>/", applying.apply_step, name="apply-step"),
    path("settings/", settings.settings, name="settings"),
    path("settings/email/", email.ask, name="settings-email"),
    path("settings/email/cancel/", email.cancel, name="settings-email-cancel"),
    path("settings/email/confirm/<str:token>/", email.confirm, name="email-confirm"),
    path("settings/sign-ins/", sign_ins.sign_ins, name="sign-ins"),
    path("settings/sign-ins/others/end/", sign_ins.end_others, name="sign-in-end-others"),
    path("settings/sign-ins/<uuid:session_id>/end/", sign_ins.end, name="sign-in-end"),
    path("settings/second-factor/", second_factor.settings, name="second-factor"),
    path("settings/second-factor/begin/", second_factor.begin, name="second-factor-begin"),
    path("settings/second-factor/on/", second_factor.turn_on, name="second-factor-on"),
    path("settings/second-factor/codes/", second_factor.new_codes, name="second-factor-codes"),
    path("settings/second-factor/off/", second_factor.turn_off, name="second-factor-off"),
    path("settings/password/", local_only(passwords.change), name="settings-password"),
    path("settings/passkeys/", passkeys.of_mine, name="passkeys"),
    path("settings/passkeys/question/", passkeys.question, name="passkey-question"),
    path("settings/passkeys/<uuid:passkey_id>/remove/", passkeys.remove, name="passkey-remove"),
    path("settings/<kind:kind>/", settings.change, name="settings-change"),
    path("settings/<kind:kind>/confirm/", settings.confirm, name="settings-confirm"),
    path("settings/changes/<uuid:change_id>/call-off/", settings.call_off, name="settings-call-off"),
    path("documents/", documents.documents, name="documents"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("notifications/", inbox.notifications, name="notifications"),
    path("notifications/read/", inbox.notifications_read, name="notifications-read"),
    path("notifications/<uuid:notice_id>/", inbox.notification_open, name="notification-open"),
]
