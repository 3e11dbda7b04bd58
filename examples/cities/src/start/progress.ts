import type { Output } from './output.ts'

/** Writes how far a long step is: one line that moves on a terminal, a line per quarter in a log. */
export function showProgress(label: string, out: Output): (part: number) => void {
  let shown = -1
  return (part) => {
    const percent = Math.floor(part * 100)
    const quarter = Math.floor(percent / 25)
    if (out.isTTY) out.write(`\r${label} ${percent} %${part === 1 ? '\n' : ''}`)
    else if (quarter > shown) out.write(`${label} ${percent} %\n`)
    shown = quarter
  }
}
