/** Where the start writes to: `process.stdout`, or nowhere in tests. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean | undefined
}
