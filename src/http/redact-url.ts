/**
 * Parameters whose values may stand in a log. Everything else is shown by its name alone: keys,
 * sessions, OAuth signatures, passwords and tokens travel in query strings here, and so do people's
 * names and addresses.
 */
const SHOWN = new Set([
  ...['page', 'per_page', 'limit', 'skip', 'offset', 'count', 'order', 'orderBy'],
  ...['response_json_depth', 'pretty_json', 'suppress_response_codes', 'new_pagination'],
  ...['show_user_like', 'filterType', 'fromTime', 'toTime', 'exclude', 'totalResults', 'type'],
])

/** Ids of objects are no secrets; these are the names of that form that hold something else. */
const ID = /^[a-z]+(?:_[a-z]+)*_ids?$/
const SECRET_IDS = new Set(['session_id', 'client_id'])

const NAME = /^[\w.$[\]-]{1,40}$/
const LENGTH_MAX = 1000

/** The address of a request as a log may have it: `/v1/places/show.json?key=*&place_id=51a0`. */
export function redactedUrl(url: string): string {
  const start = url.indexOf('?')
  if (start === -1) return url.slice(0, LENGTH_MAX)
  const parts = url.slice(start + 1, start + 1 + LENGTH_MAX).split('&')
  return `${url.slice(0, start)}?${parts.map(redactedPart).join('&')}`.slice(0, LENGTH_MAX)
}

function redactedPart(part: string): string {
  const equals = part.indexOf('=')
  // Without a name, the text may be the secret itself.
  const name = equals === -1 ? '' : part.slice(0, equals)
  if (!NAME.test(name)) return '*'
  const isShown = SHOWN.has(name) || (ID.test(name) && !SECRET_IDS.has(name))
  return isShown ? part : `${name}=*`
}
