/** On every response that shows the city `id`. */
export function cityTag(id: number | string): string {
  return `city:${id}`
}

/** On every response that was computed from all places of a country. */
export function countryTag(code: string): string {
  return `country:${code}`
}
