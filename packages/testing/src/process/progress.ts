/** Says on standard error what a long wait is for. */
export function reportProgress(line: string): void {
  process.stderr.write(`[hotpath tests] ${line}\n`)
}
