import type { Named, Thing, Values } from './calls.ts'
import { MAKES, OWN, type PrivateOutcomes, UNKNOWN } from './private-outcomes.ts'
import type { Outcome, Row } from './rows.ts'

/** Setting without a session is 400, and not 401 as all else: the table calls it `unknown`. */
const NO_LOGIN = 'You need to sign in or sign up before continuing.'

function withoutLogin([, ...others]: PrivateOutcomes): readonly Outcome[] {
  return ['unknown', ...others]
}

function about(of: Thing, more: Values = {}): (named: Named) => Values {
  return (named) => ({ name: named[of], access_private: of === 'secret', ...more })
}

const SET = { value: '5' }
const UNKNOWN_NAME = 'Invalid key-value name'

export const KEYVALUES: readonly Row[] = [
  {
    path: 'keyvalues/set',
    outcomes: withoutLogin(MAKES),
    unknown: NO_LOGIN,
    effect: { makes: 'keyvalue' },
  },
  {
    path: 'keyvalues/set',
    of: 'secret',
    values: about('secret', SET),
    outcomes: withoutLogin(OWN),
    unknown: NO_LOGIN,
  },
  {
    path: 'keyvalues/set',
    of: 'value',
    values: about('value', SET),
    outcomes: withoutLogin(MAKES),
    unknown: NO_LOGIN,
  },
  { path: 'keyvalues/get', of: 'secret', outcomes: UNKNOWN, unknown: UNKNOWN_NAME },
  {
    path: 'keyvalues/get',
    of: 'value',
    values: about('value'),
    outcomes: [
      ...(['yes', 'yes', 'yes', 'yes'] as const),
      ...(['yes', 'yes', 'pretender', 'yes'] as const),
    ],
  },
  { path: 'keyvalues/append', of: 'secret', outcomes: OWN },
  { path: 'keyvalues/append', of: 'value', values: about('value', SET), outcomes: MAKES },
  { path: 'keyvalues/incrby', of: 'secret', outcomes: OWN },
  { path: 'keyvalues/incrby', of: 'value', values: about('value', SET), outcomes: MAKES },
  { path: 'keyvalues/delete', of: 'secret', outcomes: UNKNOWN, unknown: UNKNOWN_NAME },
  { path: 'keyvalues/delete', of: 'value', values: about('value'), outcomes: MAKES },
  {
    path: 'keyvalues/query',
    of: 'secret',
    outcomes: [
      ...(['own', 'own', 'yes', 'own'] as const),
      ...(['yes', 'yes', 'own', 'own'] as const),
    ],
  },
  {
    path: 'keyvalues/query',
    of: 'value',
    values: ({ value }) => ({ where: { name: value } }),
    outcomes: [
      ...(['yes', 'yes', 'yes', 'yes'] as const),
      ...(['yes', 'yes', 'yes', 'yes'] as const),
    ],
  },
]
