/** Who can log in to the demo. Nobody has a password: it shows sessions, not how to tell who it is. */
export const USERS = ['Ada', 'Alan', 'Grace', 'Katherine'] as const
