# One node of Noobcash. First `deno task pack`, then `docker build -t noobcash .`
FROM debian:bookworm-slim

COPY dist/noobcash /usr/local/bin/noobcash

# Unpacked here, once, so that containers start at once and may have a read-only root.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data noobcash \
  && install -d -o noobcash -g noobcash -m 700 /data \
  && NOOBCASH_CACHE_DIR=/opt/noobcash noobcash --version \
  && chmod -R a+rX,a-w /opt/noobcash

ENV NOOBCASH_CACHE_DIR=/opt/noobcash \
  NOOBCASH_HOST=0.0.0.0 \
  NOOBCASH_PORT=5000 \
  NOOBCASH_DATA_DIR=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 5000

HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["noobcash", "client", "--port", "5000", "status", "--json"]

ENTRYPOINT ["noobcash"]
CMD ["node"]
