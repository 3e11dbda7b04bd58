/** Tells a person how far it has come, on stderr: stdout is for the tables. */
export function showProgress(title: string, done: number, total: number): void {
  if (!process.stderr.isTTY) {
    if (done === total) process.stderr.write(`${title}: ${total} rounds\n`)
    return
  }
  process.stderr.write(`\r${title}: ${done}/${total} `)
  if (done === total) process.stderr.write('\n')
}
