# Two images from one file:
#   docker build -t boxwright .                      the service and the command line, without a browser
#   docker build -t boxwright-full --target full .   with Chromium, for generate and demo
#
#   docker run --rm -p 8000:8000 -e BOXWRIGHT_TOKEN="$(openssl rand -hex 32)" boxwright
#   docker run --rm -v "$PWD:/work" boxwright classify . -o predictions.csv

FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /venv
# CPU wheels of torch: the usual ones bring two gigabytes of CUDA that nothing here uses.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt .
RUN /venv/bin/pip install --no-cache-dir --index-url "$TORCH_INDEX" \
    "$(grep '^torch==' constraints.txt)" "$(grep '^torchvision==' constraints.txt)"
COPY . .
RUN /venv/bin/pip install --no-cache-dir -c constraints.txt ".[serve,parquet]"

FROM python:3.12-slim AS service
RUN useradd --create-home --uid 1000 boxwright && mkdir /work && chown boxwright /work
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER boxwright
WORKDIR /work
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["boxwright"]
CMD ["serve", "--host", "0.0.0.0", "--model", "pretrained"]

FROM service AS full
USER root
RUN apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
USER boxwright

# What `docker build .` makes, as the last stage of the file.
FROM service
