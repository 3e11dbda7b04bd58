/** What Docker says of the processes of a container: the columns that `ps` was asked for. */
export interface ProcessTable {
  readonly Titles: readonly string[]
  readonly Processes: readonly (readonly string[])[]
}

/** Whether all processes are stopped, by the letters of `stat`: `T`, or `Tl` with threads. */
export function standsStill({ Titles, Processes }: ProcessTable): boolean {
  const column = Titles.indexOf('STAT')
  const states = Processes.map((fields) => fields[column] ?? '')
  return states.length > 0 && states.every((state) => state.startsWith('T'))
}
