# One image for all commands: `gatewatch start`, `ingest`, `detector`, `alerting`, `query`, and `scan`, `doctor` and the rest.
# Native parts (lmdb, DuckDB, LZ4) come prebuilt for glibc: a base with musl would not do.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY apps ./apps
COPY libs ./libs
COPY bench ./bench
COPY tools ./tools
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatewatch" \
      org.opencontainers.image.description="Security monitoring for APIs: access logs and login events in, explained alerts out." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE NOTICE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY bin ./bin
COPY deploy/health.mjs deploy/setup.mjs ./deploy/
COPY docs/kibana/gatewatch.ndjson ./docs/kibana/gatewatch.ndjson
COPY --from=build /src/dist/apps ./dist/apps
COPY --from=build /src/dist/libs ./dist/libs
# Rules and field mappings are data: they are read from where they lie in the package.
COPY libs/detection/src/rules ./libs/detection/src/rules
COPY libs/detection/src/sigma/pipelines ./libs/detection/src/sigma/pipelines
# A named volume takes over the owner of the folder that it covers.
RUN mkdir -p /var/lib/gatewatch && chown 1000:1000 /var/lib/gatewatch
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
# Nothing is written but here and in /tmp: the root file system can be read-only.
WORKDIR /var/lib/gatewatch
EXPOSE 7770 9464
# `start` and `query` answer on 7770; the three other processes of the distributed mode on 9464: set GATEWATCH_HEALTH_URL for them.
ENV GATEWATCH_HEALTH_URL=http://127.0.0.1:7770/health/ready
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/deploy/health.mjs"]
ENTRYPOINT ["node", "/app/bin/gatewatch.js"]
CMD ["start"]
