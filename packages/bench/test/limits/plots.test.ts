import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PLOTTED } from '../../src/limits/plots/algorithms.ts'
import { attack, perWindow } from '../../src/limits/plots/attack.ts'
import { formatPlot } from '../../src/limits/plots/format-plot.ts'

const FOLDER = new URL('../../../../docs/plots/', import.meta.url)

describe.each(PLOTTED)('the plot of $title', (plotted) => {
  it('shows its bound reached, and is what the algorithm gives (else: npx pnpm plot:limits)', async () => {
    const within = perWindow(await attack(plotted.policy))

    expect(Math.max(...within)).toBe(plotted.bound)
    expect(readFileSync(new URL(`${plotted.file}.svg`, FOLDER), 'utf8')).toBe(
      formatPlot(plotted, within),
    )
  })
})
