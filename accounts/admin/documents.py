"""Documents of the broker, and who has fetched which; a person of ops fetches one for a reason that is kept."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.document_file import file_of
from accounts.models import BrokerDocument, DocumentAccess, User
from accounts.operations import documents
from brokerage import visit
from brokerage.deeds import Acting, Deed
from brokerage.desk import Facts, ReadOnly, customer

MAY_DOWNLOAD = "accounts.change_brokerdocument"


def _rows() -> QuerySet[BrokerDocument]:
    return BrokerDocument.objects.select_related("brokerage_account__user")


def _not_hindered(document: BrokerDocument, person: User) -> str:
    return ""


def _allow(document: BrokerDocument, person: User, *, because: str) -> str:
    documents.allow(document=document, person=person, because=because)
    return "The reason is kept. You can download it for ten minutes."


ALLOW = Deed(
    name="allow",
    label="Ask to download it",
    says="It holds what a customer owns and earns. Your reason is kept with your name, and so is each download; the "
    "link stands on the document’s page for ten minutes.",
    permission=MAY_DOWNLOAD,
    rows=_rows,
    hinders=_not_hindered,
    act=_allow,
    is_dangerous=True,
)


class Accesses(Facts):
    model = DocumentAccess
    fields = ("at", "user", "actor", "outcome", "because", "ip_address")
    verbose_name_plural = "who asked for it"


@admin.register(BrokerDocument)
class BrokerDocumentDesk(Acting):
    list_display = ("__str__", customer, "name", "on", "first_seen_at")
    list_filter = ("kind",)
    list_select_related = ("brokerage_account__user",)
    ordering = ("-first_seen_at", "-id")
    search_fields = (
        "=id",
        "=alpaca_document_id",
        "^brokerage_account__user__email",
        "=brokerage_account__account_number",
    )
    inlines = (Accesses,)
    deeds = (ALLOW,)

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(self.download)
        return [path("<uuid:pk>/download/", download, name="accounts_brokerdocument_download"), *super().get_urls()]

    def _links(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        links = super()._links(request, row)
        if links and documents.is_allowed(document=row, person=cast(User, request.user)):
            url = reverse("admin:accounts_brokerdocument_download", args=[row.pk])
            links.append({"url": url, "label": "Download"})
        return links

    def download(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Hand a document out to a person of ops who has given a reason; 403 without one."""
        document, person = get_object_or_404(_rows(), pk=pk), cast(User, request.user)
        if not person.has_perm(MAY_DOWNLOAD) or not documents.is_allowed(document=document, person=person):
            raise PermissionDenied
        reader = documents.Reader(person, documents.OPS, visit.of(request).ip_address)
        try:
            return file_of(document, documents.open_document(document=document, reader=reader))
        except documents.NotHandedOut:
            told = {"title": "The broker did not hand it out", "deed": ALLOW, "row": document, "opts": self.opts}
            told |= {"hindrance": "The broker refused it, or cannot be reached; what came of it stands on its page."}
            told |= {"row_url": reverse("admin:accounts_brokerdocument_change", args=[pk])}
            return TemplateResponse(
                request, "admin/deed.html", self.admin_site.each_context(request) | told, status=503
            )


@admin.register(DocumentAccess)
class DocumentAccessDesk(ReadOnly):
    """Who asked for which document, and what came of it."""

    list_display = ("at", "user", "actor", "document", "outcome", "because", "ip_address")
    list_filter = ("actor", "outcome")
    list_select_related = ("user", "document")
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    search_fields = ("=id", "=document__id", "^user__email", "=ip_address")
