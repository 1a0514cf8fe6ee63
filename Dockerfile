# There are two stages, so that the image does not contain pip, its cache and the sources.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY wyoming_piper_serial ./wyoming_piper_serial
# Bytecode is compiled here, because the root file system can be read-only later.
RUN python -m venv /opt/piper \
    && /opt/piper/bin/pip install --no-cache-dir --compile ".[http,zeroconf]" \
    && /opt/piper/bin/pip uninstall --yes pip
# Split and measure the voice now, so that the server starts faster. This command loads the voice, gets no request, and ends.
RUN /opt/piper/bin/wyoming-piper-serial --uri stdio:// --cache-dir /opt/piper/cache < /dev/null \
    && chmod -R a+rX /opt/piper/cache

FROM python:3.13-slim
RUN useradd --uid 10200 --no-create-home --shell /usr/sbin/nologin piper
COPY --from=build /opt/piper /opt/piper
ENV PATH=/opt/piper/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WYOMING_PIPER_SERIAL_CACHE_DIR=/opt/piper/cache \
    WYOMING_PIPER_SERIAL_URI=tcp://0.0.0.0:10200
USER 10200
EXPOSE 10200 10280
# The server is process 1. It gets SIGTERM and then gives speech up to 5 seconds to finish.
ENTRYPOINT ["wyoming-piper-serial"]
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s \
    CMD ["wyoming-piper-serial", "health"]
