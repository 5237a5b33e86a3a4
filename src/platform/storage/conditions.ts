import { ApiError } from '../../errors.ts'
import { type IfMatch, parseIfMatch } from '../../tools/http/if-match.ts'
import type { StoredObject } from './object.ts'

/** What a request asks of the state of an object (RFC 9110 §13.1). */
export type Conditions = {
  readonly ifMatch: IfMatch
  readonly ifNoneMatch: IfMatch
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

export function conditionsIn(headers: Headers): Conditions {
  const read = (name: string) => parseIfMatch(headers[name]?.toString())
  return { ifMatch: read('if-match'), ifNoneMatch: read('if-none-match') }
}

/**
 * Refuses a change of another state than the client has in mind.
 *
 * @param object `null`: there is none
 * @throws {ApiError} `etag_stale`
 */
export function requireConditions(conditions: Conditions, object: StoredObject | null): void {
  const { ifMatch, ifNoneMatch } = conditions
  if (ifMatch !== null && !matches(ifMatch, object)) {
    const text = object
      ? 'The object was changed since you read it; read it again and retry.'
      : 'There is no object with this id to match.'
    throw new ApiError('etag_stale', text)
  }
  if (ifNoneMatch !== null && matches(ifNoneMatch, object)) {
    throw new ApiError('etag_stale', 'There is an object already, in the state that was excluded.')
  }
}

/** The client has the present state already. */
export function isKnown({ ifNoneMatch }: Conditions, object: StoredObject): boolean {
  return ifNoneMatch !== null && matches(ifNoneMatch, object)
}

function matches(condition: '*' | readonly string[], object: StoredObject | null): boolean {
  if (!object) return false
  return condition === '*' || condition.includes(String(object.version))
}
