import { ApiError } from '../errors.ts'

/** Of a whole address and of the part before the `@`: RFC 5321 §4.5.3.1. */
const LENGTH_MAX = 254
const LOCAL_LENGTH_MAX = 64

// No blanks, control characters, or signs that mean something in a header or a list of addresses.
const ADDRESS = /^[^\s\p{C}@<>()[\]\\,;:"]+@[^\s\p{C}@<>()[\]\\,;:"]+$/u
const NAMED = /^([^<>]*)<([^<>]+)>$/

/** True for what may be a mail address: one `@`, nothing strange, not too long. Quotes are not. */
export function isMailAddress(text: string): boolean {
  return text.length <= LENGTH_MAX && ADDRESS.test(text) && text.indexOf('@') <= LOCAL_LENGTH_MAX
}

export type Mailbox = { readonly name: string; readonly address: string }

/**
 * Reads `port@example.org` or `Port <port@example.org>`; quotes around the name are dropped.
 *
 * @returns `null` if it is neither
 */
export function parseMailbox(text: string): Mailbox | null {
  const [, name = '', address = text] = NAMED.exec(text.trim()) ?? []
  const bare = address.trim()
  if (!isMailAddress(bare)) return null
  return { name: headerText(name).replace(/^"(.*)"$/, '$1'), address: bare }
}

const RECIPIENTS_MAX = 100

/**
 * Reads a list of addresses with commas between them, each one once.
 *
 * @param parameter its name, for the message
 * @throws {ApiError} `param_invalid`
 */
export function parseRecipients(text: string, parameter: string): string[] {
  const parts = text.split(',').map((part) => part.trim())
  const addresses = [...new Set(parts.filter((part) => part !== ''))]
  if (addresses.length === 0) throw invalid(`${parameter} must name at least one mail address.`)
  if (addresses.length > RECIPIENTS_MAX) {
    throw invalid(`${parameter} may name at most ${RECIPIENTS_MAX} mail addresses.`)
  }
  const bad = addresses.find((address) => !isMailAddress(address))
  if (bad !== undefined) {
    throw invalid(`${parameter}: ${JSON.stringify(bad.slice(0, 100))} is no mail address.`)
  }
  return addresses
}

const HEADER_LENGTH_MAX = 255

/** A value for a header: on one line whatever it was made of, and not too long. */
export function headerText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, HEADER_LENGTH_MAX)
}

function invalid(message: string): ApiError {
  return new ApiError('param_invalid', message)
}
