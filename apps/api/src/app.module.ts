import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import type { Parts } from './create-api.js';
import type { Config } from './config.js';
import { AuthGuard } from './common/auth.guard.js';
import { Database } from './common/database.js';
import { Definitions } from './common/definitions.js';
import { IdempotencyInterceptor } from './common/idempotency.js';
import { KeyDirectory } from './common/key-directory.js';
import { Log } from './common/log.js';
import { ProblemFilter } from './common/problem.filter.js';
import { envelopePipe } from './common/validation.js';
import { SuppressionsController } from './consent/suppressions.controller.js';
import { Connections } from './destinations/connections.js';
import { ConnectionsController } from './destinations/connections.controller.js';
import { DeliveriesController } from './destinations/deliveries.controller.js';
import { DestinationsController } from './destinations/destinations.controller.js';
import { Previews } from './destinations/previews.js';
import { TemplatesController } from './destinations/templates.controller.js';
import { AppenderHandle } from './ingestion/appender-handle.js';
import { QuarantineController } from './ingestion/quarantine.controller.js';
import { EnrolmentsController } from './journeys/enrolments.controller.js';
import { JourneysController } from './journeys/journeys.controller.js';
import { JourneyOperationController } from './journeys/operation.controller.js';
import { Operator } from './journeys/operator.js';
import { SendingController } from './journeys/sending.controller.js';
import { CustomersController } from './profiles/customers.controller.js';
import { SegmentsController } from './segments/segments.controller.js';
import { TemporalGateway } from './temporal/temporal-gateway.js';
import { KeysController } from './workspaces/keys.controller.js';
import { SourcesController } from './workspaces/sources.controller.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';

export interface ModuleParts extends Parts {
  readonly log: Log;
  readonly config: Config;
}

/** The management API. One module: the capabilities share one database, one guard and one way of answering. */
@Module({})
export class AppModule {
  static with(parts: ModuleParts): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        WorkspacesController,
        KeysController,
        SourcesController,
        SegmentsController,
        JourneysController,
        JourneyOperationController,
        EnrolmentsController,
        SendingController,
        TemplatesController,
        DestinationsController,
        ConnectionsController,
        DeliveriesController,
        CustomersController,
        SuppressionsController,
        QuarantineController,
      ],
      providers: [
        Reflector,
        { provide: Log, useValue: parts.log },
        { provide: Database, useValue: parts.database },
        { provide: KeyDirectory, useValue: parts.keys },
        { provide: TemporalGateway, useValue: parts.temporal },
        { provide: AppenderHandle, useValue: parts.appender },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_PIPE, useFactory: envelopePipe },
        Definitions,
        Previews,
        Operator,
        {
          provide: Connections,
          inject: [Definitions, Database, Log],
          useFactory: (definitions: Definitions, database: Database, log: Log) =>
            new Connections(definitions, database, log, {
              secrets: parts.secrets,
              privateHosts: parts.config.privateHosts,
            }),
        },
      ],
    };
  }
}
