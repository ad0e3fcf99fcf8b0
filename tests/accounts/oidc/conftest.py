"""The site with a provider that signs people in: a real one, of django-oauth-toolkit, in both shapes."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_django import Settings

from accounts.oidc import provider as what_we_know
from tests.harness.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider


@pytest.fixture(scope="session")
def provider_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Provider]]:
    """Run one of each shape, the first time that it is asked for."""
    with ExitStack() as running:

        class Started(dict[str, Provider]):
            def __missing__(self, shape: str) -> Provider:
                folder = tmp_path_factory.mktemp("provider") / shape
                self[shape] = running.enter_context(running_provider(folder, shape))
                return self[shape]

        yield Started()


@pytest.fixture
def provider(request: pytest.FixtureRequest, provider_processes: dict[str, Provider], settings: Settings) -> Provider:
    """Sign people in by a provider; parametrized indirectly with "plain" it is no Cognito."""
    found = provider_processes[getattr(request, "param", "cognito")]
    found.reset()
    trust(found, settings)
    return found


def trust(found: Provider, settings: Settings) -> None:
    """Set what the environment would set."""
    cognito = found.shape == "cognito"
    settings.OIDC_ISSUER, settings.OIDC_COGNITO = found.url, cognito
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.OIDC_LOGOUT = "cognito" if cognito else "standard"
    settings.OIDC_GROUPS_CLAIM = "cognito:groups" if cognito else "groups"
    settings.OIDC_FORM_ORIGINS = [found.url]
    settings.AUTHENTICATION_BACKENDS = ["accounts.oidc.backend.ProviderBackend"]
    what_we_know.forget()
