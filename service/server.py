"""Running the service: the socket, the signals, a stop that finishes what was accepted."""

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn

from base.errors import BoxwrightError
from base.timing import package_log
from model.classifying.classifier import Classifier
from model.finding.finder import Finder, load_finder
from service.app import create_app
from service.freed_memory import give_back_large_blocks
from service.listening import MOST_HEADER_BYTES, address_of, listen, run_until_stopped
from service.loopback import require_token_beyond_loopback
from service.service_settings import ServeSettings
from service.serving import Serving

log = package_log(__name__)


def serve(
    load: Callable[[], Classifier],
    settings: ServeSettings,
    *,
    token: str | None = None,
    load_finder: Callable[[], Finder] = load_finder,
    on_listening: Callable[[str, str], None] = lambda address, model: None,
) -> None:
    """Serve until SIGTERM or SIGINT, and answer what was accepted before returning; SIGHUP reloads the model.

    Args:
        load: called at once, and for every reload.
        settings: where to listen and what to take on.
        token: what clients must send.
        load_finder: called when the first screenshot comes, and for every reload after.
        on_listening: called with the address and the model's fingerprint.

    Raises:
        InputError: there is no token where one is needed, or the address cannot be had.
    """
    require_token_beyond_loopback(settings.host, token)
    give_back_large_blocks()
    serving = Serving(load, settings, load_finder=load_finder)
    try:
        with listen(settings.host, settings.port) as listener:
            on_listening(address_of(settings.host, listener), serving.classifier.model.fingerprint)
            asyncio.run(_serve(serving, listener, token))
    finally:
        serving.close()


async def _serve(serving: Serving, listener: socket.socket, token: str | None) -> None:
    config = uvicorn.Config(
        create_app(serving, token=token),
        http="h11",  # its limit on headers is ours to set
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_graceful_shutdown=int(2 * serving.settings.timeout_s) + 1,
    )
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(_reload(serving))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    await run_until_stopped(config, listener)


async def _reload(serving: Serving) -> None:
    try:
        await asyncio.to_thread(serving.reload)
    except (BoxwrightError, OSError):
        return  # it is in the log, and the model before goes on
    except Exception:
        log.exception("not reloaded")
