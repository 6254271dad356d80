"""Every run of the tests tries the same examples: a failure elsewhere is a failure here."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
