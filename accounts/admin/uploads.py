"""Documents that customers sent to the broker: that they were sent, and what became of it; the files are not here."""

from django.contrib import admin

from accounts.models import DocumentUpload, UploadEvent
from brokerage.desk import History, ReadOnly


class UploadHistory(History):
    model = UploadEvent


@admin.register(DocumentUpload)
class DocumentUploadDesk(ReadOnly):
    """One document of one customer, without what is in it."""

    list_display = ("__str__", "customer", "asked_for", "kind", "sub_kind", "status", "status_at")
    list_filter = ("status", "asked_for", "kind", "our_fault")
    list_select_related = ("account__user",)
    search_fields = ("=id", "=account__id", "=account__alpaca_id", "^account__user__email", "=sha256")
    exclude = ("form_key", "refusal")  # the broker's prose is shown on the person's page, to who says why
    inlines = (UploadHistory,)

    @admin.display(description="Customer", ordering="account__user__email")
    def customer(self, upload: DocumentUpload) -> str:
        """Return whose it is."""
        email: str = upload.account.user.email
        return email
