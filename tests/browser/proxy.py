"""nginx in front of a studio, set up as docs/deploy.md says."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/deploy.md"
_CONF = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {site}
}}
"""


def site_of_the_document(studio: int, proxy: int, scheme: str = "$scheme") -> str:
    """What the document tells to write, for these ports; `scheme` as if TLS were taken off here."""
    found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.S)
    assert found is not None
    site = found[1]
    for told, ours in {
        "server 127.0.0.1:8050;": f"server 127.0.0.1:{studio};",
        "listen 80;": f"listen 127.0.0.1:{proxy};",
        "X-Forwarded-Proto $scheme;": f"X-Forwarded-Proto {scheme};",
    }.items():
        assert site.count(told) == 1, told
        site = site.replace(told, ours)
    return site


@contextmanager
def nginx(folder: Path, studio: int, scheme: str = "$scheme") -> Iterator[str]:
    """Its address, in front of the studio at that port."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program is not None, "nginx is not installed (apt-get install nginx-light)"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, site=site_of_the_document(studio, port, scheme)))
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(conf)])
    try:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None, "nginx ended by itself"
            assert time.monotonic() < deadline, "nginx does not answer"
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(15)
