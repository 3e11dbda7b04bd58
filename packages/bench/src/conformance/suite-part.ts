/** What a case is: a demand of the RFC, something a good cache does, or a question without a wrong answer. */
export type CaseKind = 'required' | 'optimal' | 'check'

/** One case of the suite, as far as it matters here. */
export interface SuiteCase {
  readonly id: string
  readonly name: string
  /** @defaultValue `'required'` */
  readonly kind?: CaseKind
  readonly browser_only?: boolean
  /** Set for the suite's client to print what goes over the wire. */
  dump?: boolean
}

/** A group of cases, as the suite's files give them. */
export interface SuitePart {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly tests: readonly SuiteCase[]
}

/** What the suite's client says of a case: passed, or the kind of its failure and a message. */
export type RawResult = true | readonly [kind: string, message: string]
