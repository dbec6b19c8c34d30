"""The only place that serves pages to the network: gunicorn with threads, or waitress on Windows."""

import gc
import sys

from flask import Flask

from engage import create_app
from engage.config import Settings

THREADS = 4  # per process; pages are bound by Python, so more of them only wait for each other
REQUEST_SECONDS = 60  # a worker silent for so long is replaced
FAREWELL_SECONDS = 10  # what a request under way may still take when the server is told to stop


def serve(settings: Settings) -> None:
    """Serve until told to stop. Returns or exits with 0 after SIGTERM or SIGINT, else not with 0."""
    if sys.platform == "win32":
        import waitress

        waitress.serve(create_app(settings), listen=settings.bind, threads=settings.workers * THREADS)
        return
    from gunicorn.app.base import BaseApplication

    class Gunicorn(BaseApplication):
        """gunicorn, configured from our settings alone; each worker makes its own application."""

        def load_config(self) -> None:
            for name, value in gunicorn_options(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return create_app(settings)

    Gunicorn().run()


def gunicorn_options(settings: Settings) -> dict[str, object]:
    """How gunicorn runs."""
    return {
        "bind": settings.bind,
        "workers": settings.workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": REQUEST_SECONDS,
        "graceful_timeout": FAREWELL_SECONDS,
        "loglevel": "warning",
        "accesslog": None,  # addresses hold secrets: calendar feeds, one-time links
        "control_socket_disable": True,  # it would stand in the user's home
        "post_worker_init": _settle,
    }


def _settle(worker: object) -> None:
    """What the program is made of stays: the collector walks past it from now on, which saves a seventh of a page."""
    gc.collect()
    gc.freeze()
