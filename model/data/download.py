"""Downloads a file, with limits on size and time. The caller verifies its content."""

import urllib.request
from http.client import HTTPException

TIMEOUT = 30  # seconds without a byte
NAME = {"User-Agent": "digitbot"}  # some servers reject Python's own


def fetch(address: str, largest: int) -> bytes:
    """Download at most `largest` bytes from `address`. Raises OSError on failure or excess."""
    request = urllib.request.Request(address, headers=NAME)  # noqa: S310 - addresses stand in our own tables
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 (the same)
            content = bytes(answer.read(largest + 1))
            promised = int(answer.headers.get("Content-Length") or len(content))
    except HTTPException as problem:
        raise OSError(f"the server's answer was broken: {problem!r}") from problem
    if len(content) > largest:
        raise OSError(f"the file has more than {largest} bytes")
    if len(content) < promised:
        raise OSError(f"the connection broke off after {len(content)} of {promised} bytes")
    return content
