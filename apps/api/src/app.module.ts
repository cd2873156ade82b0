import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import type { Parts } from './create-api.js';
import type { Config } from './config.js';
import { AttributesController } from './catalogue/attributes.controller.js';
import { MappingsController } from './catalogue/mappings.controller.js';
import { AuthGuard } from './common/auth.guard.js';
import { Database } from './common/database.js';
import { Definitions } from './common/definitions.js';
import { IdempotencyInterceptor } from './common/idempotency.js';
import { KeyDirectory } from './common/key-directory.js';
import { Log } from './common/log.js';
import { RateLimits } from './common/rate-limit.js';
import { ProblemFilter } from './common/problem.filter.js';
import { envelopePipe } from './common/validation.js';
import { ErasuresController } from './consent/erasures.controller.js';
import { PreferenceLinks, PrivacyController } from './consent/privacy.controller.js';
import { SuppressionsController } from './consent/suppressions.controller.js';
import { AudienceRunsController } from './destinations/audience-runs.controller.js';
import { AudiencesController } from './destinations/audiences.controller.js';
import { Coupons } from './coupons/coupons.js';
import { CouponsController } from './coupons/coupons.controller.js';
import { Connections } from './destinations/connections.js';
import { ConnectionsController } from './destinations/connections.controller.js';
import { DeliveriesController } from './destinations/deliveries.controller.js';
import { DestinationsController } from './destinations/destinations.controller.js';
import { Previews } from './destinations/previews.js';
import { TemplatesController } from './destinations/templates.controller.js';
import { IdentityController } from './identity/identity.controller.js';
import { MergesController } from './identity/merges.controller.js';
import { ReconcileController } from './identity/reconcile.controller.js';
import { SuggestionsController } from './identity/suggestions.controller.js';
import { AppenderHandle } from './ingestion/appender-handle.js';
import { HOOKS_OPTIONS, HooksController, type HooksOptions } from './ingestion/hooks.controller.js';
import { ImportsController } from './ingestion/imports.controller.js';
import { PullsController } from './ingestion/pulls.controller.js';
import { QuarantineController } from './ingestion/quarantine.controller.js';
import { Uploads } from './ingestion/uploads.js';
import { EnrolmentsController } from './journeys/enrolments.controller.js';
import { ExplainController } from './journeys/explain.controller.js';
import { ForecastController } from './journeys/forecast.controller.js';
import { Forecasts } from './journeys/forecasts.js';
import { JourneysController } from './journeys/journeys.controller.js';
import { JourneyOperationController } from './journeys/operation.controller.js';
import { Operator } from './journeys/operator.js';
import { PublishLimitController } from './journeys/publish-limit.controller.js';
import { SendingController } from './journeys/sending.controller.js';
import { PersonalisationController } from './personalize/personalisation.controller.js';
import { ModelCardsController } from './predictions/model-cards.controller.js';
import { PredictionRunsController } from './predictions/prediction-runs.controller.js';
import {
  CustomerPredictionsController,
  PredictionsController,
} from './predictions/predictions.controller.js';
import { CustomersController } from './profiles/customers.controller.js';
import { EventsController } from './profiles/events.controller.js';
import { PersonalData } from './profiles/personal-data.js';
import { CustomerRecommendationsController } from './recommendations/customer-recommendations.controller.js';
import { ItemsController } from './recommendations/items.controller.js';
import { RecommendationsController } from './recommendations/recommendations.controller.js';
import { VocabularyController } from './profiles/vocabulary.controller.js';
import { SegmentReadingController } from './segments/segment-reading.controller.js';
import { SegmentReadings } from './segments/segment-readings.js';
import { SegmentsController } from './segments/segments.controller.js';
import { TemporalGateway } from './temporal/temporal-gateway.js';
import { CapsController } from './workspaces/caps.controller.js';
import { KeysController } from './workspaces/keys.controller.js';
import { SourcesController } from './workspaces/sources.controller.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';

export interface ModuleParts extends Parts {
  readonly log: Log;
  readonly config: Config;
}

const CONTROLLERS = [
  CapsController,
  PublishLimitController,
  WorkspacesController,
  KeysController,
  SourcesController,
  SegmentsController,
  SegmentReadingController,
  JourneysController,
  JourneyOperationController,
  ForecastController,
  EnrolmentsController,
  SendingController,
  TemplatesController,
  CouponsController,
  VocabularyController,
  DestinationsController,
  ConnectionsController,
  DeliveriesController,
  AudiencesController,
  AudienceRunsController,
  CustomersController,
  CustomerRecommendationsController,
  RecommendationsController,
  ItemsController,
  PersonalisationController,
  ExplainController,
  EventsController,
  MergesController,
  IdentityController,
  ReconcileController,
  SuggestionsController,
  SuppressionsController,
  ErasuresController,
  PrivacyController,
  QuarantineController,
  ImportsController,
  HooksController,
  PullsController,
  PredictionsController,
  CustomerPredictionsController,
  PredictionRunsController,
  ModelCardsController,
  AttributesController,
  MappingsController,
];

/** The management API. One module: the capabilities share one database, one guard and one way of answering. */
@Module({})
export class AppModule {
  static with(parts: ModuleParts): DynamicModule {
    return {
      module: AppModule,
      controllers: CONTROLLERS,
      providers: [
        Reflector,
        { provide: Log, useValue: parts.log },
        { provide: Database, useValue: parts.database },
        { provide: KeyDirectory, useValue: parts.keys },
        { provide: RateLimits, useValue: parts.managementLimits },
        { provide: TemporalGateway, useValue: parts.temporal },
        { provide: AppenderHandle, useValue: parts.appender },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useFactory: envelopePipe },
        Definitions,
        Previews,
        Operator,
        Forecasts,
        Uploads,
        ...sealed(parts),
        SegmentReadings,
        PersonalData,
        {
          provide: PreferenceLinks,
          useValue: new PreferenceLinks(parts.preferenceSigner, parts.config.publicUrl),
        },
      ],
    };
  }
}

/** What keeps secrets of the workspace, or is let in by one. */
function sealed({ secrets, config }: ModuleParts): Provider[] {
  return [
    {
      provide: Coupons,
      inject: [Database],
      useFactory: (database: Database) => new Coupons(database, secrets),
    },
    {
      provide: HOOKS_OPTIONS,
      useValue: { secrets, publicUrl: config.publicUrl } satisfies HooksOptions,
    },
    {
      provide: Connections,
      inject: [Definitions, Database, Log],
      useFactory: (definitions: Definitions, database: Database, log: Log) =>
        new Connections(definitions, database, log, { secrets, privateHosts: config.privateHosts }),
    },
  ];
}
