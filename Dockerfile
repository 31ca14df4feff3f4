# The server as an image: `docker build -t zhike .`, and `docker compose up` for one with a database.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/zhike
WORKDIR /src
COPY requirements.lock ./
RUN /opt/zhike/bin/pip install --require-hashes -r requirements.lock
COPY . .
# Editable, so that migrations are found beside the packages; the final stage has the same path.
RUN /opt/zhike/bin/pip install --no-deps --no-build-isolation -e .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home zhike \
    && install -d -o zhike -g zhike -m 0700 /keys /data
COPY --from=build /opt/zhike /opt/zhike
COPY --from=build --chown=root:root /src /src
ENV PATH=/opt/zhike/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ZHIKE_ENVIRONMENT=production ZHIKE_HOST=0.0.0.0 ZHIKE_PORT=8000
WORKDIR /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["zhike", "serve"]
