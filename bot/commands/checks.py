"""What a check of `digitbot doctor` ends in, where it isn't simply well."""


class Wrong(Exception):
    """A check that failed; `str(error)` says what is wrong, and the mend."""


class Told(Exception):
    """Something that is neither right nor wrong, but good to know."""
