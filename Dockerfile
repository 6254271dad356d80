# docker build -t digitbot .                   the bot, without TensorFlow
# docker build --target train -t digitbot .    with it, so that /retrain works
FROM python:3.13.15-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base
RUN useradd --uid 10001 --home-dir /var/lib/digitbot digitbot \
    && install --directory --owner digitbot --group digitbot --mode 700 /var/lib/digitbot
# What is kept lies in /var/lib/digitbot, also where DATA_DIR is set to nothing.
ENV XDG_DATA_HOME=/var/lib XDG_CACHE_HOME=/var/lib/digitbot/.cache PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements requirements
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes --requirement requirements/postgres.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY model model
RUN pip install --no-deps --no-build-isolation .
HEALTHCHECK --start-period=60s --interval=30s --timeout=10s CMD python -c "\
import os, urllib.request as web; \
at = os.environ.get('METRICS_LISTEN') or '127.0.0.1:9464'; \
web.build_opener(web.ProxyHandler({})).open(f'http://{at}/readyz', timeout=8)"
VOLUME /var/lib/digitbot
ENTRYPOINT ["digitbot"]
CMD ["run"]

FROM base AS train
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes --requirement requirements/train.txt
WORKDIR /var/lib/digitbot
USER digitbot

FROM base AS bot
WORKDIR /var/lib/digitbot
USER digitbot
