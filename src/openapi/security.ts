import type { Auth } from '../engine/definition.ts'
import { SHARED_PARAMS } from '../engine/method-params.ts'
import type { Operation } from './document.ts'

const appKey = String(SHARED_PARAMS.key.schema.description)
const session = String(SHARED_PARAMS._session_id.schema.description)

export const DATA_SECURITY = {
  appKey: { type: 'apiKey', in: 'query', name: 'key', description: appKey },
  appKeyHeader: {
    type: 'apiKey',
    in: 'header',
    name: 'key',
    description: 'The same, as a header.',
  },
  oauth1: {
    type: 'http',
    scheme: 'OAuth',
    description:
      'Two-legged OAuth 1.0 (RFC 5849) with HMAC-SHA1: the client id of the backend is the consumer key, its client secret the consumer secret, and there is no token.',
  },
  session: { type: 'apiKey', in: 'query', name: '_session_id', description: session },
  sessionCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '_session_id',
    description: 'The same, as logging in sets it.',
  },
} as const

type Scheme = keyof typeof DATA_SECURITY

const APP: readonly Scheme[] = ['appKey', 'appKeyHeader', 'oauth1']
const SESSION: readonly Scheme[] = ['session', 'sessionCookie']

/** One way to name the app, and one to name the user; who need not log in may do so all the same. */
export function dataSecurity(auth: Auth): Operation['security'] {
  const anonymous = auth === 'none' ? APP.map((app) => ({ [app]: [] })) : []
  const known = APP.flatMap((app) => SESSION.map((user) => ({ [app]: [], [user]: [] })))
  return [...anonymous, ...known]
}
