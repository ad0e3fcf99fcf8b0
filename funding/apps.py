from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class FundingConfig(AppConfig):
    name = "funding"


class DeskConfig(AdminConfig):
    """Django's admin with our start page; see funding.desk."""

    default_site = "funding.desk.Desk"
