"""Names of sittings at the label store, by which those whose process was killed are recognised."""

import os
import socket
import uuid


def new_session() -> str:
    """Return a name for a sitting, which says on which machine and in which process it is."""
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:12]}"


def is_dead(session: str) -> bool:
    """Tell whether the process of a session of this machine has ended; False of those of other machines."""
    host, _, rest = session.partition("/")
    process = rest.partition("/")[0]
    if os.name != "posix" or host != socket.gethostname() or not process.isdigit():
        return False  # elsewhere than on POSIX, the question itself would end the process
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it lives, and is somebody else's
    return False
