import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  addChunk,
  beginImport,
  dropUpload,
  stageImport,
  type Import,
  type ImportFormat,
  type ImportKind,
} from '@throughline/store/ingestion';
import { liveMapping } from '../catalogue/live-mapping.js';
import type { Caller } from '../common/caller.js';
import { Database } from '../common/database.js';
import { asJson } from '../common/documents.js';
import { chunksOf } from './import-chunks.js';
import { rowReader } from './import-rows.js';
import { ImportStream } from './import-stream.js';

export interface Upload {
  readonly kind: ImportKind;
  readonly format: ImportFormat;
  readonly mapping: string;
  readonly startJourneys: boolean;
  readonly rerun: boolean;
}

export interface Uploaded {
  readonly import: Import;
  /** this content was imported by this mapping before: nothing was added */
  readonly repeated: boolean;
}

/** Takes a file in: chunk by chunk into the database, staged when it is whole. Nobody's memory ever holds all of it. */
@Injectable()
export class Uploads {
  constructor(private readonly database: Database) {}

  async take(caller: Caller, upload: Upload, request: FastifyRequest): Promise<Uploaded> {
    const body = bodyOf(request);
    const importId = await this.begin(caller, upload);
    try {
      const stream = new ImportStream(body, request.headers['content-encoding']);
      return await this.store(caller, { ...upload, importId, stream });
    } catch (error) {
      // Best effort: what stays is swept away at a later upload of the workspace.
      await this.database
        .read(caller, (client, id) => dropUpload(client, id, importId))
        .catch(() => undefined);
      throw error;
    }
  }

  private begin(caller: Caller, upload: Upload): Promise<string> {
    return this.database.read(caller, async (client, workspaceId) => {
      const { version, mapping, catalogue } = await liveMapping(
        client,
        workspaceId,
        upload.mapping,
      );
      if (mapping.target !== upload.kind)
        throw new ThroughlineError(
          'conflict',
          `The mapping ${upload.mapping} is for ${mapping.target}, not for ${upload.kind}.`,
        );
      return beginImport(client, workspaceId, {
        kind: upload.kind,
        format: upload.format,
        mappingKey: upload.mapping,
        mappingVersion: version,
        mapping: asJson({ mapping, catalogue }),
        startJourneys: upload.startJourneys,
        createdBy: caller.actor,
      });
    });
  }

  private async store(
    caller: Caller,
    { importId, format, rerun, stream }: Upload & { importId: string; stream: ImportStream },
  ): Promise<Uploaded> {
    const reader = rowReader(format);
    let [chunks, rows] = [0, 0];
    for await (const chunk of chunksOf(reader.lines(stream.read()))) {
      await this.database.read(caller, (client, id) => addChunk(client, id, { importId, chunk }));
      [chunks, rows] = [chunks + 1, rows + chunk.rows];
    }
    const contentHash = stream.digest();
    const { columns } = reader;
    const file = { importId, contentHash, bytes: stream.bytes, chunks, rows, columns, rerun };
    return this.database.change(caller, async ({ client, workspaceId, audit }) => {
      const staged = await stageImport(client, workspaceId, file);
      if (!staged.repeated) await audit('import.upload', importId, { rows, bytes: stream.bytes });
      return staged;
    });
  }
}

function bodyOf({ body }: FastifyRequest): AsyncIterable<Buffer> {
  if (body instanceof Readable) return body;
  throw new ThroughlineError(
    'unsupported_media_type',
    'Send the file as the body: text/csv, application/x-ndjson, application/gzip or application/octet-stream.',
  );
}
