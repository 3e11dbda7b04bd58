import { mkdirSync, writeFileSync } from 'node:fs'
import { PLOTTED } from './algorithms.ts'
import { attack, perWindow } from './attack.ts'
import { formatPlot } from './format-plot.ts'

const FOLDER = new URL('../../../../../docs/plots/', import.meta.url)

mkdirSync(FOLDER, { recursive: true })
for (const plotted of PLOTTED) {
  const within = perWindow(await attack(plotted.policy))
  writeFileSync(new URL(`${plotted.file}.svg`, FOLDER), formatPlot(plotted, within))
  console.log(`${plotted.title}: ${Math.max(...within)} at the most`)
}
