"""What a person of ops may do to a row: a page says what will happen, asks for the reason, and only then is it done.

Used by both apps' admin modules. A deed never writes by itself: it calls an operation and reports what came of it.
That it is begun is kept before, whatever comes of it (see desk_record). Nobody does anything to what is their own,
whatever they may do to others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from brokerage import desk_record, visit
from brokerage.desk import OWN, ReadOnly, dangerous
from brokerage.stamps import ChangedMeanwhile

Told = list[tuple[str, object]]  # label, value
CHANGED = "Nothing is done: this has changed since the page was opened. Look at it anew."


class NotDone(Exception):
    """The deed could not be done; the message says why."""


@dataclass(frozen=True)
class Shown:
    """What a deed shows once: on the page that answers it, and nowhere else."""

    label: str
    value: str  # one line each


class Nothing(forms.Form):
    """Nothing is asked beyond the button."""


class Because(forms.Form):
    """Why it is done; kept with the row."""

    because = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="Kept for good, with your name. Say what you looked at.",
        error_messages={"required": "Say why: whoever reads this in a year was not here."},
    )


def _nothing_told(row: Any, asked: Mapping[str, str]) -> Told:
    return []


@dataclass(frozen=True)
class Deed:
    """Something that may be done to one row of `rows`.

    `hinders(row, person)` says why it cannot be done now, or nothing. `facts(row, what was asked for)` is what the page
    shows; it may raise NotDone. `act(row, person, **form)` does it and returns what was done, or what is to be shown
    once; it raises NotDone. One that is `with_visit` is told from where it is done, too. `form_of(row)` makes the form
    where what can be answered depends on the row. Where a deed has `stamp_of(row)`, its page carries that stamp, and
    `act` is told which one was `seen`; it raises ChangedMeanwhile where another one holds by then (see stamps).
    """

    name: str  # in the address
    label: str  # on the button
    says: str  # what will happen
    permission: str
    rows: Callable[[], QuerySet[Any]]
    hinders: Callable[[Any, Any], str]
    act: Callable[..., str | Shown]
    form: type[forms.Form] = Because
    facts: Callable[[Any, Mapping[str, str]], Told] = _nothing_told
    listed: bool = True  # or reached from elsewhere only
    with_visit: bool = False
    form_of: Callable[[Any], Callable[..., forms.Form]] | None = None
    is_dangerous: bool = False  # an open screen is not enough for it
    stamp_of: Callable[[Any], str] | None = None


class Acting(ReadOnly):
    """A desk with deeds; those that are possible now stand as links on the page of the row."""

    deeds: tuple[Deed, ...] = ()
    key = "uuid"  # of a row, as an address has it
    change_form_template = "admin/row.html"

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(f"<{self.key}:pk>/{deed.name}/", self._page(deed), name=self.page_name(deed)) for deed in self.deeds
        ]
        return [*pages, *super().get_urls()]

    def page_name(self, deed: Deed) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{deed.name}"

    def _hinders(self, deed: Deed, row: Any, person: Any) -> str:
        """Say why this person cannot do it now: that it is their own comes before anything else."""
        return OWN if self.whose(row) == person.pk else deed.hinders(row, person)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        links = self._links(request, row) if row is not None else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "deeds": links})

    def _links(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        possible = [
            deed
            for deed in self.deeds
            if deed.listed
            and deed.rows().model is self.model
            and request.user.has_perm(deed.permission)
            and not self._hinders(deed, row, request.user)
        ]
        return [
            {"url": reverse(f"admin:{self.page_name(deed)}", args=[row.pk]), "label": deed.label} for deed in possible
        ]

    def _page(self, deed: Deed) -> Callable[..., HttpResponse]:
        def page(request: HttpRequest, pk: Any) -> HttpResponse:
            if not request.user.has_perm(deed.permission):
                raise PermissionDenied
            return self._answer(request, deed, get_object_or_404(deed.rows(), pk=pk))

        return self.admin_site.admin_view(dangerous(page) if deed.is_dangerous else page)

    def _answer(self, request: HttpRequest, deed: Deed, row: Any) -> HttpResponse:
        hindrance = self._hinders(deed, row, request.user)
        posted = request.method == "POST"
        form = self._form(request, deed, row, hindrance)
        if hindrance or not posted or not form.is_valid():
            return self._show(request, deed, row, form, hindrance)
        more: dict[str, Any] = {"visit": visit.of(request)} if deed.with_visit else {}
        if deed.stamp_of:
            more["seen"] = request.POST.get("seen", "")
        desk_record.keep("deed", person=request.user, row=row, name=deed.name)  # before it is done, whatever comes then
        try:
            outcome = deed.act(row, request.user, **more, **form.cleaned_data)
        except ChangedMeanwhile:
            desk_record.keep("not_done", person=request.user, row=row, name=deed.name)
            return self._show_anew(request, deed, row)
        except NotDone as why:
            desk_record.keep("not_done", person=request.user, row=row, name=deed.name)
            self.message_user(request, f"Not done: {why}", messages.WARNING)
            return redirect(self._address_of(row))
        if isinstance(outcome, Shown):
            return self._page_of(request, deed, row, "admin/shown.html", {"shown": outcome})
        self.message_user(request, outcome, messages.SUCCESS)
        return redirect(self._address_of(row))

    def _form(self, request: HttpRequest, deed: Deed, row: Any, hindrance: str) -> forms.Form:
        asked = deed.form_of(row) if deed.form_of and not hindrance else deed.form
        return asked(request.POST if request.method == "POST" else None, initial=request.GET.dict())

    def _show_anew(self, request: HttpRequest, deed: Deed, row: Any) -> HttpResponse:
        """Show what has changed under whoever was about to do it: as it stands now, to be decided on once more."""
        row = get_object_or_404(deed.rows(), pk=row.pk)
        hindrance = self._hinders(deed, row, request.user)
        return self._show(request, deed, row, self._form(request, deed, row, hindrance), hindrance, changed=CHANGED)

    def _show(
        self, request: HttpRequest, deed: Deed, row: Any, form: forms.Form, hindrance: str, *, changed: str = ""
    ) -> HttpResponse:
        """Show what will happen and ask, or say what hinders it."""
        stamp = deed.stamp_of(row) if deed.stamp_of else ""  # before the facts are read: never younger than they are
        facts: Told = []
        try:
            facts = deed.facts(row, (request.POST or request.GET).dict())
        except NotDone as why:
            hindrance = hindrance or str(why)
        told = {"form": form, "facts": facts, "hindrance": hindrance, "changed": changed, "stamp": stamp}
        refused = (hindrance or changed) and request.method == "POST"
        return self._page_of(request, deed, row, "admin/deed.html", told, status=409 if refused else 200)

    def _page_of(
        self, request: HttpRequest, deed: Deed, row: Any, template: str, told: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        """Return a page about a deed, which names whose the row is; like all of the admin's it is kept by no cache."""
        context = {
            **self.admin_site.each_context(request),
            "title": deed.label,
            "opts": self.opts,
            "deed": deed,
            "row": row,
            "row_url": self._address_of(row),
            "media": self.media,
            **told,
        }
        return self.looked_at(request, TemplateResponse(request, template, context, status=status), "row")

    def _address_of(self, row: Any) -> str:
        """Return the page of the row; of one that is another desk's, the list of this desk."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{name}_change", args=[row.pk]) if type(row) is self.model else reverse(f"{name}_changelist")
