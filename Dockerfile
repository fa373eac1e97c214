# syntax=docker/dockerfile:1
# The studio in a container, weights included, so that it needs no network to start. It runs as a user of its
# own, without a shell, and writes to /data and /tmp alone.
#
#   docker build -t pentimento .
#   docker run --read-only --tmpfs /tmp -p 8050:8050 -v pentimento:/data pentimento
#
# On a machine with an NVIDIA GPU and its container toolkit:
#
#   docker build -t pentimento:gpu --target gpu .
#   docker run --gpus all --read-only --tmpfs /tmp -p 8050:8050 -v pentimento:/data pentimento:gpu
#
# Scaled out (compose.yaml): --target scale, or scale-gpu for workers with one.
#
# The base is pinned by its version. Whoever builds for others pins the very image, by its digest:
# --build-arg BASE=python:3.13.9-slim-bookworm@sha256:...

ARG BASE=python:3.13.9-slim-bookworm

FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/pentimento
COPY Makefile requirements*.txt ./

FROM build AS packages-cpu
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements.txt

FROM build AS packages-gpu
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements-gpu.txt

FROM packages-cpu AS packages-scale
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements.txt SCALE=1

FROM packages-gpu AS packages-scale-gpu
RUN --mount=type=cache,target=/root/.cache/pip make install REQUIREMENTS=requirements-gpu.txt SCALE=1

FROM packages-cpu AS weights
ENV NST_CACHE_DIR=/srv/weights
COPY nst nst
RUN --mount=type=cache,target=/root/.cache/pip make weights REQUIREMENTS=requirements.txt

FROM ${BASE} AS ground
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin studio \
    && install --directory --owner=studio --group=studio /data
WORKDIR /srv/pentimento
ENV NST_HOST=0.0.0.0 \
    NST_PORT=8050 \
    NST_DATA_DIR=/data \
    NST_CACHE_DIR=/srv/weights \
    KERAS_HOME=/tmp/keras \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY . .
COPY --from=weights /srv/weights /srv/weights
VOLUME /data
EXPOSE 8050
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s CMD [".venv/bin/python", "-c", "\
import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', int(os.environ['NST_PORT']), timeout=4); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
CMD [".venv/bin/python", "app.py"]

FROM ground AS gpu
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=packages-gpu /srv/pentimento/.venv .venv
USER studio

FROM ground AS scale-gpu
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=packages-scale-gpu /srv/pentimento/.venv .venv
USER studio

FROM ground AS scale
COPY --from=packages-scale /srv/pentimento/.venv .venv
USER studio

# The last stage is what `docker build` makes when no other is named.
FROM ground AS cpu
COPY --from=packages-cpu /srv/pentimento/.venv .venv
USER studio
