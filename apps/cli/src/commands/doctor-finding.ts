import { isJsonList, isJsonObject, type Json, type JsonObject } from '@throughline/domain/shared';
import { CallFailed, type Api } from '../api.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

/** What was looked at. A warning is for people to decide about: it fails nothing. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly said: string;
  /** what to do about it */
  readonly advice?: string;
  readonly exit: ExitCode;
}

/** A finding of its own where the server refuses to say. */
export async function look(what: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { what, state: 'ok', said: await ask(), exit: EXIT.ok };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { what, state: 'fail', said: error.message, exit: error.exit };
  }
}

export async function listed(api: Api, path: string): Promise<readonly JsonObject[]> {
  const answer = await api.call({ method: 'GET', path });
  return objectsOf(answer?.body['items']);
}

export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}
