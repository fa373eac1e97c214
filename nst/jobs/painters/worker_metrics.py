"""`/metrics` of a worker, which listens to nothing else: its own figures, as Prometheus reads them."""

import os
from collections.abc import Iterable
from secrets import compare_digest
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app

from nst.errors import Refusal
from nst.jobs.metrics import REGISTRY
from nst.settings import Settings

_SLOW_SECONDS = 5.0  # that a reader may say nothing


def serve(settings: Settings) -> None:
    """Serve them in a thread until the process ends, if the settings name a port; to whom, `metrics` says.

    Raises:
        Refusal: `bad_setting` where the port cannot be used.
    """
    port, is_local = settings.worker_metrics_port, settings.metrics == "local"
    token = settings.metrics_token.get_secret_value()
    if port == 0 or settings.metrics == "off" or not (is_local or token):
        return
    host = "127.0.0.1" if is_local else settings.host
    figures = make_wsgi_app(REGISTRY)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "")
        is_known = is_local or compare_digest(given.encode(), f"Bearer {token}".encode())
        if not is_known or environ["PATH_INFO"] != "/metrics":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"There is nothing at this address.\n"]
        told: Iterable[bytes] = figures(environ, start_response)
        return told

    try:
        server = make_server(host, port, answer, handler_class=_Silent)
    except OSError as error:
        raise Refusal(
            "bad_setting",
            f"Port {port} of {host} cannot be used ({os.strerror(error.errno or 0)}). Each worker of a "
            "machine needs one of its own for NST_WORKER_METRICS_PORT.",
            "NST_WORKER_METRICS_PORT",
        ) from error
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Silent(WSGIRequestHandler):
    timeout = _SLOW_SECONDS

    def log_message(self, *_: object) -> None:
        """Requests get no lines."""
