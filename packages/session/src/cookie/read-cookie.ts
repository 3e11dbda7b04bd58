/** Longer values are none of ours. */
const LONGEST_VALUE = 4096
/** A browser sends fewer of one name; whoever sends more is made no work for. */
const MOST_OF_ONE_NAME = 8

/** The values of each cookie of that name, in the order they were sent, without repetitions. */
export function readCookies(field: string | undefined, name: string): string[] {
  if (field === undefined || !field.includes(name)) return []
  const values = new Set<string>()
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue
    const value = pair.slice(equals + 1).trim()
    if (value.length <= LONGEST_VALUE) values.add(unquoted(value))
    if (values.size > MOST_OF_ONE_NAME) return []
  }
  return [...values]
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.replace(/^"(.*)"$/, '$1') : value
}
