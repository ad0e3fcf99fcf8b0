import pytest
from pytest_django import Settings

from tests.access.world import World
from tests.harness.roles_laid_down import lay_roles_down
from tests.hostile.stage import built


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    settings.MANUAL_BANKS = True
    lay_roles_down()
    return built()
