export { type Bounds, DEFAULT_BOUNDS } from './bounds.ts'
export { type Judgement, judge } from './judge.ts'
