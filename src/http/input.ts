import type { Input } from '../engine/params.ts'
import { ApiError } from '../errors.ts'

/** Name and value as they were sent, in order: what an OAuth signature covers. */
export type Pair = readonly [name: string, value: string]

const PAIRS_MAX = 2000
const NAME_MAX = 256

/** The pairs of a query string or a form body. Broken escapes are taken as they are. */
export function parsePairs(text: string): Pair[] {
  if (text === '') return []
  const parts = text.split('&')
  if (parts.length > PAIRS_MAX) {
    throw new ApiError('param_invalid', `At most ${PAIRS_MAX} parameters can be sent.`)
  }
  const pairs: Pair[] = []
  for (const part of parts) {
    if (part === '') continue
    const at = part.indexOf('=')
    pairs.push(
      at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))],
    )
  }
  return pairs
}

export function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/** Collects what a call sends, wherever it stands. A later value replaces an earlier one. */
export class InputBuilder {
  readonly #values: Record<string, unknown> = Object.create(null)

  /** `name[]` adds to a list, `name[key]` sets a member of a hash. */
  add(name: string, value: unknown): void {
    if (name === '' || name.length > NAME_MAX) {
      if (name === '') return
      throw new ApiError(
        'param_invalid',
        `A parameter's name is longer than ${NAME_MAX} characters.`,
      )
    }
    const open = name.endsWith(']') ? name.indexOf('[') : -1
    if (open <= 0) {
      this.#values[name] = value
      return
    }
    const base = name.slice(0, open)
    const key = name.slice(open + 1, -1)
    if (key === '') this.#list(base).push(value)
    else this.#hash(base)[key] = value
  }

  addPairs(pairs: readonly Pair[]): void {
    for (const [name, value] of pairs) this.add(name, value)
  }

  build(): Input {
    return this.#values
  }

  #list(base: string): unknown[] {
    const present = this.#values[base]
    if (Array.isArray(present)) return present
    const list: unknown[] = []
    this.#values[base] = list
    return list
  }

  #hash(base: string): Record<string, unknown> {
    const present = this.#values[base]
    if (
      typeof present === 'object' &&
      present !== null &&
      Object.getPrototypeOf(present) === null
    ) {
      return present as Record<string, unknown>
    }
    const hash: Record<string, unknown> = Object.create(null)
    this.#values[base] = hash
    return hash
  }
}
