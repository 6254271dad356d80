"""How a check of `digitbot doctor` reports a failure or a remark."""


class Wrong(Exception):
    """A failed check; `str(error)` says what is wrong and how to fix it."""


class Told(Exception):
    """Information: neither right nor wrong."""
