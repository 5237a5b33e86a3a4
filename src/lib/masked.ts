/** Members with such names hold what opens something, wherever they stand. */
const SECRET_NAME = /secret|password|passphrase|private_?key|anonymous_?key|token$/i

/** `smtp://user:word@host` as `smtp://user:***@host`; any other text as it is. */
export function maskedUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/:@\s]*):[^/\s]*@/i, '$1:***@')
}

/**
 * A JSON value as it may be shown to people who may know all but its secrets: passwords in urls, and
 * members whose names say that they are one, read `***`.
 */
export function masked(name: string, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (SECRET_NAME.test(name)) return '***'
  if (typeof value === 'string') return maskedUrl(value)
  if (Array.isArray(value)) return value.map((one) => masked('', one))
  if (typeof value !== 'object') return value
  const members = Object.entries(value).map(([key, one]) => [key, masked(key, one)])
  return Object.fromEntries(members)
}
