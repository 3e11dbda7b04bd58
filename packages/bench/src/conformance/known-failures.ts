/** Cases of the suite that are known not to pass, with the reason for each. */
export const KNOWN_FAILURES: Readonly<Record<string, string>> = {}

/** Questions of the suite that this cache answers with no. None of them is a fault. */
export const ANSWERED_NO: readonly string[] = []
