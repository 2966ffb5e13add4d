"""Put into the test's environment: no Python process in it may reach another machine."""

import os
import sys
from pathlib import Path


def refuse(event, arguments):
    """Audit hook: refuse what leaves this machine, and write it down."""
    if event == "socket.connect":
        target = arguments[1]
    elif event == "socket.getaddrinfo":
        target = arguments[:2]
    else:
        return
    host = target[0] if isinstance(target, tuple) else None
    if host in (None, "", "localhost") or str(host).startswith(("127.", "::1", "0.0.0.0")):
        return
    with Path(os.environ["VLMDIAG_ATTEMPTS"]).open("a") as log:
        log.write(f"{event} {target!r}\n")
    raise OSError(f"no network here: {target!r}")


sys.addaudithook(refuse)
