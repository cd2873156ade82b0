/** Meta: conversion events to a dataset. */
import { aloneAfterRefusal } from '../kit/alone.js';
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { graphRateLimit } from '../meta-graph/graph-fault.js';
import { faultOfDataset } from './dataset-fault.js';
import { datasetUrl, eventSpec, metaHeaders } from './event.action.js';
import { MetaConversionsSettings } from './meta.settings.js';

export const metaConversions = defineConnector({
  key: 'meta-conversions',
  name: 'Meta Conversions',
  category: 'event',
  docsUrl:
    'https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event',
  auth: 'apiKey',
  idempotency: 'key',
  // Meta takes a thousand events at once; fewer of them share the fate of one that is refused.
  limits: { maxItems: 200, maxBytes: 1024 * 1024, concurrency: 4, timeoutMs: 20_000 },
  rateLimitOf: graphRateLimit,
  settings: MetaConversionsSettings,
  actions: { event: aloneAfterRefusal(httpAction(eventSpec)) },
  check: (settings, ctx) =>
    probe(getPlan(datasetUrl(settings, '?fields=id'), metaHeaders(settings)), ctx, faultOfDataset),
});
