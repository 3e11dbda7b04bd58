export { type Bounds, DEFAULT_BOUNDS } from './bounds.ts'
export type {
  CoherentCache,
  Declaration,
  Driver,
  KeyTraits,
  OpenSettings,
  Versioned,
} from './driver.ts'
export { FAULT_NAMES, type FaultName } from './fault-names.ts'
export { formatEvent } from './format-events.ts'
export { formatReport, formatViolations } from './format-report.ts'
export type { Applied } from './history.ts'
export {
  type CoherencePlan,
  type CoherenceResult,
  type Progress,
  runCoherence,
} from './run-coherence.ts'
export { chargesAgainst } from './verdict.ts'
