"""Every run of the tests tries the same examples, however busy the machine is; files that take minutes come first."""

import pytest
from hypothesis import settings

settings.load_profile("ci")  # no chance, no time limits: a failure elsewhere is a failure here

# Where several processes share the tests (`make test`), file by file, none has a long one left at the end.
LONG = (
    "test_deployment.py",
    "test_fine_tuning.py",
    "test_training.py",
    "test_bot_benches.py",
    "test_learning_benches.py",
    "test_killed_training.py",
    "test_retrain.py",
    "test_crash.py",
    "test_page_script.py",
    "test_no_english.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONG)))
