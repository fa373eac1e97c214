# syntax=docker/dockerfile:1
# The studio in a container, weights included, so that it needs no network to start.
#
#   docker build -t pentimento .
#   docker run -p 8050:8050 -v pentimento:/data pentimento
#
# On a machine with an NVIDIA GPU and its container toolkit:
#
#   docker build -t pentimento:gpu --target gpu .
#   docker run --gpus all -p 8050:8050 -v pentimento:/data pentimento:gpu

FROM python:3.13-slim AS ground
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home studio \
    && install --directory --owner=studio --group=studio /data
WORKDIR /srv/pentimento
ENV NST_HOST=0.0.0.0 \
    NST_PORT=8050 \
    NST_DATA_DIR=/data \
    NST_CACHE_DIR=/srv/weights \
    PYTHONUNBUFFERED=1
COPY Makefile requirements*.txt ./
VOLUME /data
EXPOSE 8050
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s CMD [".venv/bin/python", "-c", "\
import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', int(os.environ['NST_PORT']), timeout=4); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
CMD [".venv/bin/python", "app.py"]

FROM ground AS packages-cpu
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements.txt

FROM ground AS packages-gpu
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements-gpu.txt

FROM packages-cpu AS weights
COPY nst nst
RUN --mount=type=cache,target=/root/.cache/pip make weights REQUIREMENTS=requirements.txt

FROM packages-gpu AS gpu
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=weights /srv/weights /srv/weights
COPY . .
USER studio

# The last stage is what `docker build` makes when no other is named.
FROM packages-cpu AS cpu
COPY --from=weights /srv/weights /srv/weights
COPY . .
USER studio
