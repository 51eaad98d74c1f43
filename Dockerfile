# The server and the worker. Build it where the registry can be reached, and pin the base by the digest you tested:
#   docker build --build-arg PYTHON_IMAGE=python:3.11.14-slim-bookworm@sha256:... -t speakmate:VERSION .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY backend/requirements.txt backend/requirements-installer.txt backend/
COPY backend/app backend/app
# From the locked list, by hash; wheels bring their own libraries, so nothing is compiled and no package is added.
RUN PYTHONPATH=backend PYTHONDONTWRITEBYTECODE=1 python -m app.modes.prepare
COPY backend/run.py backend/run.py
COPY backend/prompts backend/prompts
COPY backend/supabase backend/supabase
COPY web web
RUN .venv/bin/python -m compileall -q backend/app

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 speakmate \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data speakmate \
    && install -d -o 10001 -g 10001 -m 0700 /data /data/blobs
COPY --from=build /app /app
WORKDIR /app
ENV ENVIRONMENT=prod HOST=0.0.0.0 PORT=8000 DATA_DIR=/data PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
VOLUME ["/data"]
# A worker is the same image with `--mode worker`; its own /health answers on WORKER_PORT.
ENTRYPOINT ["/app/.venv/bin/python", "backend/run.py"]
CMD ["--mode", "prod"]
