"""The admin's start page: what waits for a person, above the usual list of models."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from funding import queues


class Desk(admin.AdminSite):
    """Django's admin, with queues."""

    index_template = "admin/desk.html"
    site_title = "Operations"
    index_title = "Operations"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "queues": queues.everything()})
