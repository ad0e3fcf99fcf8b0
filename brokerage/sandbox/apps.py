from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Present only so that `manage.py` finds `run_sandbox`; there are no models."""

    name = "brokerage.sandbox"
    label = "sandbox"
