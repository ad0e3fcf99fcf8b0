import pytest

from tests.access.world import World, build
from tests.harness.roles_laid_down import lay_roles_down


@pytest.fixture
def world(db: None) -> World:
    lay_roles_down()
    return build()
