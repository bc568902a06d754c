"""Running the service: the socket, the signals, a stop that finishes what was accepted."""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from base.errors import BoxwrightError
from base.timing import package_log
from model.classifying.classifier import Classifier
from model.finding.finder import Finder, load_finder
from service.app import create_app
from service.freed_memory import give_back_large_blocks
from service.listening import ShortHeaders, address_of, listen, run_in_loop, run_until_stopped
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
    stands_for: Callable[[], object] = lambda: None,
    on_listening: Callable[[str, str], None] = lambda address, model: None,
) -> None:
    """Serve until SIGTERM or SIGINT, and answer what was accepted before returning; SIGHUP reloads the model.

    So does a change of what the model's name stands for, as of `current` in a registry.

    Args:
        load: called at once, and for every reload.
        settings: where to listen and what to take on.
        token: what clients must send.
        load_finder: called when the first screenshot comes, and for every reload after.
        stands_for: gives what would be loaded now; asked every `follow_s` seconds of the settings.
        on_listening: called with the address and the model's fingerprint.

    Raises:
        InputError: there is no token where one is needed, or the address cannot be had.
    """
    require_token_beyond_loopback(settings.host, token)
    give_back_large_blocks()
    before = stands_for()
    serving = Serving(load, settings, load_finder=load_finder)
    try:
        with listen(settings.host, settings.port) as listener:
            on_listening(address_of(settings.host, listener), serving.classifier.model.fingerprint)
            run_in_loop(_serve(serving, listener, token, _Followed(stands_for, before)))
    finally:
        serving.close()


@dataclass(frozen=True)
class _Followed:
    """What the model's name stands for: a question, and the answer when the model was loaded."""

    ask: Callable[[], object]
    before: object


async def _serve(serving: Serving, listener: socket.socket, token: str | None, followed: _Followed) -> None:
    config = uvicorn.Config(
        create_app(serving, token=token),
        http=ShortHeaders,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(2 * serving.settings.timeout_s) + 1,
    )
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(_reload(serving))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    following = asyncio.create_task(_follow(serving, followed))
    try:
        await run_until_stopped(config, listener)
    finally:
        following.cancel()


async def _follow(serving: Serving, followed: _Followed) -> None:
    """Reload the model whenever its name stands for something else; once for each change, whatever comes of it."""
    before, ails = followed.before, ""
    while serving.settings.follow_s:
        await asyncio.sleep(serving.settings.follow_s)
        try:
            found = await asyncio.to_thread(followed.ask)
        except (BoxwrightError, OSError) as error:
            if str(error) != ails:
                log.warning(
                    "the model's name cannot be looked up, model %s goes on: %s",
                    serving.classifier.model.fingerprint,
                    error,
                )
            ails = str(error)
            continue
        ails = ""
        if found != before:
            log.info("the model's name stands for %s now", found)
            before = found
            await _reload(serving)


async def _reload(serving: Serving) -> None:
    try:
        await asyncio.to_thread(serving.reload)
    except (BoxwrightError, OSError):
        return  # it is in the log, and the model before goes on
    except Exception:
        log.exception("not reloaded")
