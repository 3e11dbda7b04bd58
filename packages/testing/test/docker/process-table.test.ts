import { expect, it } from 'vitest'
import { standsStill } from '../../src/docker/process-table.ts'

const table = (...states: string[]) => ({
  Titles: ['PID', 'STAT'],
  Processes: states.map((state, index) => [String(100 + index), state]),
})

it('a container stands still when all of its processes are stopped', () => {
  expect(standsStill(table('Tsl'))).toBe(true)
  expect(standsStill(table('Ts', 'T'))).toBe(true)
})

it('a container does not stand still while one of its processes runs, or none is shown', () => {
  expect(standsStill(table('Ssl'))).toBe(false)
  expect(standsStill(table('Ts', 'R'))).toBe(false)
  expect(standsStill(table())).toBe(false)
})
