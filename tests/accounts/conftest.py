"""Somebody of whom the broker asks for a document."""

import pytest
from django.test import Client

from tests.accounts.needing import Needy, needy
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ada(sandbox: Sandbox, client: Client, db: None) -> Needy:
    """Ada is signed in, and the broker could not confirm her address."""
    return needy(sandbox, client)
