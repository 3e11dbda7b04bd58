/** A table in text: the first column to the left, the others to the right. */
export function formatTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [columns, ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)))
  const lines = all.map((row) => formatRow(row, widths))
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [title, '', lines[0], rule, ...lines.slice(1), ''].join('\n')
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, index) => {
    const width = widths[index] ?? 0
    return index === 0 ? cell.padEnd(width) : cell.padStart(width)
  })
  return cells.join('  ').trimEnd()
}

/** A whole number with its thousands set apart. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
