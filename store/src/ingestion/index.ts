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
