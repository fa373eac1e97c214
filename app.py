"""Front door: the dashboard and the REST API on one port. `python app.py`, or `uvicorn app:server`."""

import os
import socket
import sys

from dash import Dash
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from components import page, urls
from components.sending import explain
from nst import logs
from nst.api.server import allow_scripts, create_api, serve_page
from nst.api.serving import StudioServer, configured
from nst.arguments import INTERRUPTED
from nst.errors import Refusal
from nst.jobs.painters.worker import leave
from nst.jobs.studio import Studio
from nst.settings import Settings, settings

BOOTSTRAP = "vendor/bootstrap.min.css"


def create_app(settings: Settings, warm: bool = False) -> FastAPI:
    """Dashboard and API on one server. Painting begins with the server's lifespan, not before."""
    studio = Studio(settings, warm=warm)
    server = create_api(studio)
    server.add_middleware(
        GZipMiddleware, minimum_size=1000, compresslevel=6
    )  # not pictures nor event streams
    dash = Dash(
        __name__,
        server=server,
        title=page.TITLE,
        update_title="",
        assets_path_ignore=["^vendor$", "^early$", "^gallery$", "^device$", "^camera$", "^admin$", "^door$"],
        suppress_callback_exceptions=True,  # some controls appear only with their picture
        routes_pathname_prefix="/",
        requests_pathname_prefix=urls.home(),
        websocket_inactivity_timeout=0,
        add_log_handler=False,  # logs.py has it
        on_error=explain,
    )
    # Linked from here rather than found by Dash, so that it comes before the page's own style sheets.
    dash.config.external_stylesheets = [dash.get_asset_url(BOOTSTRAP)]
    early = dash.get_asset_url(f"early/{page.EARLY_SCRIPT}")
    dash.index_string = page.INDEX.replace("EARLY_SCRIPT", early).replace("ROOT", urls.home())
    page.register(dash, studio)
    serve_page(server, *urls.PAGES)
    server.state.dash = dash
    allow_scripts(server, dash.csp_hashes())
    return server


def _open() -> FastAPI:
    try:
        logs.configure(settings())
        return create_app(settings(), warm=True)
    except Refusal as refusal:
        sys.exit(refusal.message)


server = _open()


def main() -> None:
    """Serve until stopped. A setting, port or folder that cannot be ends it with a sentence and status 1."""
    try:
        _serve()
    except Refusal as refusal:
        sys.exit(refusal.message)
    except KeyboardInterrupt:
        server.state.studio.close()  # has happened, unless Ctrl-C came before uvicorn was there to hear it
    # Nothing but Ctrl-C leads here. A thread may still be inside TensorFlow, which is not waited for.
    leave(INTERRUPTED)


def _serve() -> None:
    here = settings()
    config = configured(server, forwarded_allow_ips=here.trusted_proxies)
    try:
        listening = socket.create_server((here.host, here.port))
    except OSError as error:
        sys.exit(
            f"Port {here.port} of {here.host} cannot be used ({os.strerror(error.errno or 0)}). "
            "Is the studio running already? NST_PORT names another port."
        )
    studio: Studio = server.state.studio
    studio.start()  # here, and not only in the lifespan, so that a refusal can be told
    shown = "localhost" if here.host in ("127.0.0.1", "0.0.0.0", "::") else here.host
    greeting = f"Pentimento is at http://{shown}:{listening.getsockname()[1]}"
    StudioServer(config, studio, greeting).run(sockets=[listening])


if __name__ == "__main__":
    main()
