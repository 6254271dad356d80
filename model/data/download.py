"""Fetches one file over the network, bounded in size and in patience. Whoever asks checks what came."""

import urllib.request
from http.client import HTTPException

TIMEOUT = 30  # seconds without a byte
NAME = {"User-Agent": "digitbot"}  # some servers turn away Python's own


def fetch(address: str, largest: int) -> bytes:
    """The file at `address`, of at most `largest` bytes. Raises OSError where it can't be had or is larger."""
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
