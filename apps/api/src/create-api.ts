import 'reflect-metadata';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createPreferenceSigner, createUnsubscribeSigner } from '@throughline/store/consent';
import { createAppender } from '@throughline/store/ingestion';
import { openPool } from '@throughline/store/shared';
import { createSecretBox } from '@throughline/store/workspaces';
import { AppModule } from './app.module.js';
import { useBodyDeadline } from './common/body-deadline.js';
import { callerOf } from './common/caller.js';
import { Database } from './common/database.js';
import { useJsonBodies } from './common/json-body.js';
import { KeyDirectory } from './common/key-directory.js';
import { Log } from './common/log.js';
import { useStreamedBodies } from './common/streamed-bodies.js';
import { RateLimits } from './common/rate-limit.js';
import type { Config } from './config.js';
import { registerPreferences } from './consent/preference.routes.js';
import { registerUnsubscribe } from './consent/unsubscribe.routes.js';
import { registerHealth } from './health/health.routes.js';
import { Metrics } from './health/metrics.js';
import { ReadinessCheck } from './health/readiness.js';
import { AppenderHandle } from './ingestion/appender-handle.js';
import { registerReceipts } from './destinations/receipts.route.js';
import { registerHooks } from './ingestion/hooks.route.js';
import { registerIngest } from './ingestion/ingest.route.js';
import { registerPersonalize } from './personalize/personalize.route.js';
import { BODY_TIMEOUT_MS, hangUp, serverOptions } from './server-options.js';
import { TemporalGateway } from './temporal/temporal-gateway.js';

export interface Api {
  readonly app: NestFastifyApplication;
  /** every route with its methods, as the router knows them */
  readonly routes: readonly Route[];
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  close(): Promise<void>;
}

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Where files come in. */
const FILE_ROUTES = [
  '/api/v1/imports',
  '/api/v1/suppressions/import',
  '/api/v1/coupons/:key/codes',
];

/** Everything that the API is made of, opened by nobody else, and closed by `close` in the reverse order. */
export async function createApi(config: Config, log: Log = new Log(config.logLevel)): Promise<Api> {
  const parts = openParts(config);
  const adapter = new FastifyAdapter(serverOptions());
  const fastify = adapter.getInstance();
  const routes = collectRoutes(fastify);
  logRequests(fastify, { log, metrics: parts.metrics });
  useBodyDeadline(fastify, { ms: BODY_TIMEOUT_MS, except: FILE_ROUTES, expire: hangUp });
  registerHealth(fastify, parts);
  registerIngest(fastify, { ...parts, log });
  registerHooks(fastify, { ...parts, log });
  registerReceipts(fastify, { ...parts, log, publicUrl: config.publicUrl });
  registerPersonalize(fastify, { ...parts, log });
  registerUnsubscribe(fastify, { ...parts, door: parts.database.door, log });
  registerPreferences(fastify, { ...parts, log });
  const options = new NestApplicationContextOptions();
  options.logger = false;
  options.abortOnError = false;
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with({ ...parts, log, config }),
    adapter,
    options,
  );
  useJsonBodies(app);
  useStreamedBodies(fastify, FILE_ROUTES);
  await app.init();
  return {
    app,
    routes,
    listen: async () => {
      await app.listen({ port: config.port, host: config.host });
      const address = fastify.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : config.port;
      return { host: config.host, port };
    },
    close: async () => {
      await app.close();
      await Promise.all([parts.database.close(), parts.readiness.close(), parts.temporal.close()]);
    },
  };
}

export type Parts = ReturnType<typeof openParts>;

function openParts(config: Config) {
  const { databaseUrl: url } = config;
  const database = new Database(
    openPool({
      url,
      role: 'tl_app',
      max: config.databaseConnections,
      transactionTimeoutMs: 15_000,
    }),
    openPool({ url, role: 'tl_ingest', max: 2, transactionTimeoutMs: 5_000 }),
  );
  const appender = new AppenderHandle(
    createAppender({ url, connections: config.ingestConnections }),
  );
  const temporal = new TemporalGateway({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    uiUrl: config.temporalUiUrl,
  });
  const metrics = new Metrics(() => appender.depth);
  const limits = (door: keyof Config['rates']): RateLimits =>
    new RateLimits(config.rates[door], (by) => {
      metrics.rateLimited(door, by);
    });
  return {
    database,
    appender,
    temporal,
    keys: new KeyDirectory(database.door),
    ingestLimits: limits('ingest'),
    managementLimits: limits('management'),
    // Visitors ask as often as events come, and must take nothing from either door.
    personaliseLimits: limits('ingest'),
    metrics,
    readiness: new ReadinessCheck({ databaseUrl: url, lagLimitMs: config.lagLimitMs, temporal }),
    signer: createUnsubscribeSigner(config.signingKey),
    preferenceSigner: createPreferenceSigner(config.signingKey),
    secrets: createSecretBox(config.secretKeys),
  };
}

/** Filled while routes are registered; the document and the tests are held against it. */
function collectRoutes(fastify: FastifyInstance): Route[] {
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) {
      if (one !== 'HEAD' && one !== 'OPTIONS') routes.push({ method: one, path: url });
    }
  });
  return routes;
}

/** One line a request by its route's pattern. The ingest door counts instead: its lines would outweigh its work. */
function logRequests(
  fastify: FastifyInstance,
  { log, metrics }: { log: Log; metrics: Metrics },
): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    if (!route.startsWith('/v1/')) {
      metrics.answered(request.method, route, reply.statusCode);
      log.request({
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        keyId: callerOf(request)?.keyId,
      });
    }
    done();
  });
}
