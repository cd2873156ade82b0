import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiParam, ApiResponse } from '@nestjs/swagger';

const REF = '#/components/schemas/';

/** The answer is the component of this name (openapi/components.ts). */
export function Answers(component: string, status = 200): MethodDecorator & ClassDecorator {
  return ApiResponse({ status, description: component, schema: { $ref: REF + component } });
}

export function AnswersPage(component: string): MethodDecorator & ClassDecorator {
  return ApiResponse({
    status: 200,
    description: `A page of ${component}`,
    schema: {
      type: 'object',
      required: ['items', 'next'],
      properties: {
        items: { type: 'array', items: { $ref: REF + component } },
        next: { $ref: `${REF}Cursor` },
      },
    },
  });
}

/** The body is the document of this name. */
export function Takes(component: string): MethodDecorator {
  return ApiBody({ required: true, schema: { $ref: REF + component } });
}

export function KeyInPath(): MethodDecorator {
  return ApiParam({
    name: 'key',
    schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
  });
}

export function IdInPath(name = 'id'): MethodDecorator {
  return ApiParam({ name, schema: { type: 'string', format: 'uuid' } });
}

/** A put that may be guarded, and the revision that guards the next one. */
export function Revisions(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'ETag of the revision that you read; another one in between answers 412.',
    }),
  );
}

/** POSTs whose effect must happen once. */
export function Once(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Kept 24 h; a repeat gets the first answer.',
    }),
  );
}
