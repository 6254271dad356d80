"""Makes sure that there is a browser for the tests of the chat page; `make test` runs it first.

In this order: what is there already, Debian's or Ubuntu's Chromium where we are root, playwright's own download.
Where none can be had it says so, and the page tests are skipped (or fail, with CI=true).
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

from tests.chromium import MISSING, find

PATIENCE = 600  # seconds for an install


def main() -> None:
    """Install a browser unless there is one."""
    if _there_is_one():
        return
    print("Installing a browser for the tests of the chat page …", flush=True)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if shutil.which("apt-get") and is_root:
        _try("apt-get", "update", "-qq") and _try("apt-get", "install", "-qq", "-y", "chromium")
    if not _there_is_one():
        needed = ["--with-deps"] if is_root else []  # which would ask others for a password
        _try(sys.executable, "-m", "playwright", "install", *needed, "chromium")
    if not _there_is_one():
        print(f"The page tests can't run: {MISSING}.")


def _there_is_one() -> bool:
    with sync_playwright() as playwright:
        return find(playwright.chromium.executable_path) is not None


def _try(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, timeout=PATIENCE, check=False, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"{command[0]}: {problem}")
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
