import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ThroughlineError, type Fault } from '@throughline/domain/shared';

/** Flat envelopes by their DTO classes; a property that no DTO names is refused, so nothing is assigned by surprise. */
export function envelopePipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) =>
      new ThroughlineError(
        'invalid_request',
        undefined,
        errors.flatMap((error) => faultsOf(error, '')),
      ),
  });
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([code, message]) => ({
    path,
    code,
    message,
  }));
  return own.concat((error.children ?? []).flatMap((child) => faultsOf(child, path)));
}
