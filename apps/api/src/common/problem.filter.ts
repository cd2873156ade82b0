import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Log } from './log.js';
import { sendRefusal } from './reply.js';

/** The only translator from what was thrown to what is answered; logs once, and only what nobody foresaw. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { unexpected, problem } = sendRefusal(reply, error);
    if (unexpected !== undefined) this.log.failure(unexpected, { requestId: problem.requestId });
  }
}
