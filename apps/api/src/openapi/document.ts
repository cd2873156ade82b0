import { z } from 'zod';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Api } from '../create-api.js';
import { componentSchemas, type JsonSchema } from './components.js';
import { rawPaths } from './raw-paths.js';

/** What stands under a path: operations by method, and parameters that they share. */
const Methods = z.record(z.string(), z.unknown());
const Paths = z.record(z.string(), Methods);
const Drawn = z.looseObject({
  paths: Paths,
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

/** The whole contract: Nest's routes from their decorators, the raw ones by hand, documents and answers from their schemas. */
export function openApiDocument({ app }: Pick<Api, 'app'>): JsonSchema {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Throughline')
    .setDescription(
      'Data in by /v1, management by /api/v1. docs/api/errors.md lists what can be refused.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'tl_<scope>_…' })
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'Write key as user, no password' },
      'writeKey',
    )
    .build();
  const drawn = Drawn.parse(
    SwaggerModule.createDocument(app, base, {
      operationIdFactory: (controller, method) =>
        `${controller.replace(/Controller$/, '')}_${method}`,
    }),
  );
  const paths = Object.fromEntries(
    Object.entries(drawn.paths).map(([path, methods]) => [path, withProblems(methods)]),
  );
  return sorted({
    ...drawn,
    paths: { ...paths, ...Paths.parse(rawPaths()) },
    components: {
      ...drawn.components,
      schemas: { ...drawn.components.schemas, ...componentSchemas() },
    },
  });
}

const Operation = z.looseObject({ responses: z.record(z.string(), z.unknown()).default({}) });

/** Every operation may be refused, always in the same shape. */
function withProblems(methods: z.infer<typeof Methods>): z.infer<typeof Methods> {
  const refused = {
    description: 'Refused',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return Object.fromEntries(
    Object.entries(methods).map(([method, described]) => {
      const operation = Operation.parse(described);
      return [method, { ...operation, responses: { ...operation.responses, default: refused } }];
    }),
  );
}

/** Paths and components by name, so that a change shows as itself in a diff. */
function sorted(document: z.infer<typeof Drawn>): JsonSchema {
  const byName = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { paths, components, ...rest } = document;
  return {
    ...rest,
    paths: byName(paths),
    components: { ...components, schemas: byName(components.schemas) },
  };
}
