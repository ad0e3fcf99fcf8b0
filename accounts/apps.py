from django.apps import AppConfig
from django.core import checks

from brokerage import deployment


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Have Django's checks know ours."""
        checks.register(deployment.check)
