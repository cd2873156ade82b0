import type { OnApplicationShutdown } from '@nestjs/common';
import type { Appended, Appender, AppendRequest } from '@throughline/store/ingestion';

/** The appender as Nest injects it: an interface is no token. Closed after the last request has been answered. */
export class AppenderHandle implements Appender, OnApplicationShutdown {
  constructor(private readonly appender: Appender) {}

  get depth(): number {
    return this.appender.depth;
  }

  append(request: AppendRequest): Promise<Appended> {
    return this.appender.append(request);
  }

  close(): Promise<void> {
    return this.appender.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
