export { appendDefinitions, appendInternal, LANE_CHANNEL } from './append.js';
export {
  createAppender,
  hashRef,
  type Appended,
  type Appender,
  type AppenderOptions,
  type AppendRequest,
  type Revocation,
} from './appender.js';
export {
  LaneLost,
  LaneProcessor,
  type LaneOptions,
  type LaneProgress,
  type LaneStage,
} from './lane-processor.js';
export {
  runLanes,
  type LaneProblem,
  type LaneRunner,
  type LaneRunnerOptions,
} from './run-lanes.js';
export { type ImportBatch } from './append-import.js';
export {
  commitImportPage,
  failImport,
  laneBacklog,
  listOpenImports,
  readImportPage,
  settleImport,
  type ImportOutcome,
  type ImportPage,
  type ImportRef,
  type MappedPage,
  type OpenImport,
} from './import-pages.js';
export {
  addChunk,
  beginImport,
  cancelImport,
  dropUpload,
  listImports,
  listRejects,
  readImport,
  rerunRejects,
  stageImport,
} from './imports.js';
export type { Chunk, Import, ImportFormat, ImportKind, Reject } from './import-types.js';
