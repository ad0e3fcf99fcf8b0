"""Addresses of the pages about people, their applications, and what they were told."""

from django.urls import path, register_converter

from accounts import change_page, inbox
from accounts.views import agreements, applying, documents, email, passkeys, settings, signing, uploads, waiting


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
    path("sign-up/", signing.sign_up, name="sign-up"),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/question/", passkeys.sign_in_question, name="passkey-sign-in-question"),
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
