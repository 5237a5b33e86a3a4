import type { Outcome } from './rows.ts'
import type { Caller } from './scene.ts'

/**
 * Who calls methods about what belongs to one user, or to two: the reader is the owner's partner, to
 * whom he writes and who writes to him.
 */
export const PRIVATE_CALLERS = [
  'nobody',
  'a stranger',
  'the owner',
  'a reader',
  'an administrator',
  'an administrator as: the owner',
  'a stranger as: the owner',
  'an administrator of another backend',
] as const satisfies readonly Caller[]

/** One outcome for each of {@link PRIVATE_CALLERS}, in their order. */
export type PrivateOutcomes = readonly [
  ...[nobody: Outcome, stranger: Outcome, owner: Outcome, partner: Outcome],
  ...[admin: Outcome, adminAsOwner: Outcome, pretender: Outcome, outsider: Outcome],
]

/** A new thing of whoever is logged in. */
export const MAKES: PrivateOutcomes = [
  ...(['login', 'yes', 'yes', 'yes'] as const),
  ...(['yes', 'yes', 'pretender', 'stale'] as const),
]
/** What only its owner has, and who acts for him; to the others it is not there. */
export const UNKNOWN: PrivateOutcomes = [
  ...(['login', 'unknown', 'yes', 'unknown'] as const),
  ...(['unknown', 'yes', 'pretender', 'stale'] as const),
]
/** A list of the caller's own things. */
export const OWN: PrivateOutcomes = [
  ...(['login', 'own', 'yes', 'own'] as const),
  ...(['own', 'yes', 'pretender', 'stale'] as const),
]
/** The same where nobody acts for another: `su_id` says nothing. */
export const ONLY_OWN: PrivateOutcomes = [
  ...(['login', 'own', 'yes', 'own'] as const),
  ...(['own', 'own', 'own', 'stale'] as const),
]
export const ONLY_KNOWN: PrivateOutcomes = [
  ...(['login', 'unknown', 'yes', 'unknown'] as const),
  ...(['unknown', 'unknown', 'unknown', 'stale'] as const),
]
/** Administrators find everybody's. */
export const LISTED: PrivateOutcomes = [
  ...(['login', 'own', 'yes', 'own'] as const),
  ...(['yes', 'yes', 'pretender', 'stale'] as const),
]
/** Changed by the owner and by administrators, whoever may know of it. */
export const KEPT: PrivateOutcomes = [
  ...(['login', 'foreign', 'yes', 'foreign'] as const),
  ...(['yes', 'yes', 'pretender', 'stale'] as const),
]
/** Of whoever is logged in. */
export const ALL: PrivateOutcomes = [
  ...(['login', 'yes', 'yes', 'yes'] as const),
  ...(['yes', 'yes', 'yes', 'stale'] as const),
]

/** The same, but administrators find those of all without `su_id` too, which says nothing. */
export const FOUND: PrivateOutcomes = [
  ...(['login', 'own', 'yes', 'own'] as const),
  ...(['yes', 'yes', 'own', 'stale'] as const),
]
/** Of both who chat with each other. */
export const SHARED: PrivateOutcomes = [
  ...(['login', 'denied', 'yes', 'yes'] as const),
  ...(['denied', 'yes', 'pretender', 'stale'] as const),
]
