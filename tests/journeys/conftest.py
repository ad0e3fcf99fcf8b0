"""The processes that are killed, forked anew for each death."""

from collections.abc import Iterator

import pytest

from tests.harness.mortals import Mortals, running_mortals
from tests.harness.sandbox import Sandbox


@pytest.fixture(scope="module")
def mortals(
    django_db_setup: None, sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mortals]:
    with running_mortals(tmp_path_factory.mktemp("mortals"), sandbox_process) as mortals:
        yield mortals
