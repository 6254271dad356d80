"""A web server on this machine for tests of what fetches: real HTTP, a few files. And a place for a server to be."""

import http.server
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHANCE = random.SystemRandom()  # Hypothesis seeds the other one


@contextmanager
def serving(files: dict[str, bytes], *, cut_after: int | None = None) -> Iterator[str]:
    """A server that has `files` by their names; gives its address, without a slash at the end.

    `cut_after`: it promises each file whole and breaks the connection off after so many bytes.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.removeprefix("/"))
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:cut_after])

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as address:
        yield address


@contextmanager
def listening(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server that answers so, without a slash at the end."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def free_address() -> str:
    """A host and port where something can listen."""
    return f"127.0.0.1:{free_port()}"


def free_port() -> int:
    """A port where something can listen, at random: other tests look for one at the same time.

    It is below those that the system gives away (from 32768 or later), or a client's end might take it meanwhile.
    """
    while True:
        port = CHANCE.randrange(10_000, 32_768)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
