export { appendCommand, appendDefinitions, appendInternal, LANE_CHANNEL } from './append.js';
export { type LaneCommand } from './lane-commands.js';
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
export { findHook, hookSecretKey, putHook, readHook, type SourceHook } from './hooks.js';
export { openPullReader, type PullFrom, type PullReader, type PullTable } from './pull-reader.js';
export {
  beginPull,
  endPull,
  keepPulledPage,
  listPullsToSchedule,
  notePullError,
  notePullScheduled,
  pullSecretKey,
  readLivePull,
  readPullState,
  requestPull,
  type PullRef,
  type PullToSchedule,
} from './pulls.js';
