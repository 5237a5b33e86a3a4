/**
 * The regular expressions that a query may use: those that every engine reads alike, that run in
 * linear time and that begin with known text, so that an index can find them.
 */

export type CheckedRegex =
  | {
      readonly kind: 'safe'
      /** Text with which everything that matches begins. */
      readonly prefix: string
      /** True when beginning with the prefix is all that is asked. */
      readonly isPrefixOnly: boolean
      /** The expression with the shorthand classes written out, which engines read differently. */
      readonly pattern: string
    }
  | {
      readonly kind: 'refused'
      /** What is wrong, as the rest of a sentence: "at character 5: ...". */
      readonly problem: string
    }

export const REGEX_LENGTH_MAX = 512
/** PostgreSQL repeats at most 255 times. */
export const REGEX_REPEATS_MAX = 255
/** Repeats within repeats multiply, and so does the memory that an engine needs. */
const REPEATS_PRODUCT_MAX = 1000
const NESTING_MAX = 20

/** Checks an expression. It has to begin with `^` and a letter or a digit, as the service asks. */
export function checkRegex(expression: string): CheckedRegex {
  if (expression.length > REGEX_LENGTH_MAX) {
    return { kind: 'refused', problem: `it is longer than ${REGEX_LENGTH_MAX} characters` }
  }
  if (!/^\^[\p{L}\p{N}]/u.test(expression)) {
    return { kind: 'refused', problem: 'it does not begin with ^ and a letter or a digit' }
  }
  const parser = new Parser(expression)
  try {
    const branches = parser.parse()
    const prefix = prefixOf(branches)
    return { kind: 'safe', ...prefix, pattern: parser.pattern }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', problem: error.message }
    throw error
  }
}

/**
 * A checked expression as every engine reads it alike.
 * @throws {Error} when the expression would not pass the check
 */
export function portablePattern(expression: string): string {
  const checked = checkRegex(expression)
  if (checked.kind === 'refused') throw new Error(`unchecked expression: ${checked.problem}`)
  return checked.pattern
}

class Refusal extends Error {}

/** One step of an expression. `literal` is what it stands for, when that is one character. */
type Item = {
  readonly literal: string | null
  readonly min: number
  readonly max: number
  readonly isEnd: boolean
}

/** The items between two bars. */
type Branch = readonly Item[]

const SHORTHANDS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'A-Za-z0-9_',
  s: ' \t\n\r\f\v',
}

const MEANINGFUL = new Set('\\^$.|?*+()[]{}')

/** Reads an expression character by character, and writes it down again in the portable form. */
class Parser {
  readonly #characters: readonly string[]
  #at = 0
  #written = ''
  #depth = 0

  constructor(expression: string) {
    this.#characters = Array.from(expression)
  }

  get pattern(): string {
    return this.#written
  }

  parse(): Branch[] {
    this.#write(this.#take())
    const { branches } = this.#alternatives()
    if (this.#at < this.#characters.length) this.#refuse('a ) that closes nothing')
    return branches
  }

  /** @returns the branches, and how often the most repeated part of them is repeated */
  #alternatives(): { branches: Branch[]; repeats: number } {
    const branches: Item[][] = [[]]
    let repeats = 1
    while (this.#at < this.#characters.length && this.#peek() !== ')') {
      if (this.#peek() === '|') {
        if (branches.at(-1)?.length === 0) this.#refuse('an empty alternative')
        this.#write(this.#take())
        branches.push([])
        continue
      }
      const item = this.#item()
      repeats = Math.max(repeats, item.repeats)
      branches.at(-1)?.push(item)
    }
    if (branches.at(-1)?.length === 0) this.#refuse('an empty alternative')
    return { branches, repeats }
  }

  #item(): Item & { repeats: number } {
    const { literal, repeats, isEnd } = this.#atom()
    const [min, max] = isEnd ? [1, 1] : this.#quantifier()
    const product = repeats * Math.max(1, max === Number.POSITIVE_INFINITY ? min : max)
    if (product > REPEATS_PRODUCT_MAX) {
      this.#refuse(`repeats that come to more than ${REPEATS_PRODUCT_MAX}`)
    }
    return { literal, min, max, isEnd, repeats: product }
  }

  #atom(): { literal: string | null; repeats: number; isEnd: boolean } {
    const one = (literal: string | null) => ({ literal, repeats: 1, isEnd: false })
    const character = this.#take()
    switch (character) {
      case '.':
        this.#write('.')
        return one(null)
      case '[':
        this.#class()
        return one(null)
      case '(':
        return { literal: null, repeats: this.#group(), isEnd: false }
      case '\\':
        return one(this.#escape())
      case '$':
        if (this.#at < this.#characters.length) this.#refuse('a $ that is not at the end')
        this.#write('$')
        return { literal: null, repeats: 1, isEnd: true }
      default:
        if (MEANINGFUL.has(character)) this.#refuse(`a ${character} that needs a \\ before it`)
        this.#write(character)
        return one(character)
    }
  }

  #group(): number {
    if (this.#peek() === '?') {
      this.#take()
      if (this.#take() !== ':') this.#refuse('a kind of group that is not allowed')
    }
    if (++this.#depth > NESTING_MAX) this.#refuse('groups nested too deep')
    // Nobody asks what a group caught, so none has to be remembered.
    this.#write('(?:')
    const { repeats } = this.#alternatives()
    if (this.#peek() !== ')') this.#refuse('a group that is not closed')
    this.#write(this.#take())
    this.#depth--
    return repeats
  }

  /** Behind a backslash, outside of a class. @returns the character that it stands for */
  #escape(): string | null {
    const character = this.#take()
    const lower = character.toLowerCase()
    const shorthand = SHORTHANDS[lower]
    if (shorthand !== undefined) {
      this.#write(character === lower ? `[${shorthand}]` : `[^${shorthand}]`)
      return null
    }
    this.#requirePunctuation(character)
    this.#write(`\\${character}`)
    return character
  }

  #class(): void {
    this.#write('[')
    if (this.#peek() === '^') this.#write(this.#take())
    if (this.#peek() === ']') this.#refuse('an empty class')
    while (this.#peek() !== ']') {
      const from = this.#classMember()
      if (this.#peek() !== '-' || this.#peek(1) === ']') continue
      this.#write(this.#take())
      const to = this.#classMember()
      if (from === null || to === null || codePoint(from) > codePoint(to)) {
        this.#refuse('a range whose ends are not in order')
      }
    }
    this.#write(this.#take())
  }

  /** @returns the character, or `null` for a shorthand */
  #classMember(): string | null {
    const character = this.#take()
    if (character === '[') this.#refuse('a [ inside a class that needs a \\ before it')
    if (character !== '\\') {
      this.#write(character === '-' || character === '^' ? `\\${character}` : character)
      return character
    }
    const escaped = this.#take()
    const shorthand = SHORTHANDS[escaped]
    if (shorthand !== undefined) {
      this.#write(shorthand)
      return null
    }
    this.#requirePunctuation(escaped)
    this.#write(`\\${escaped}`)
    return escaped
  }

  #requirePunctuation(character: string): void {
    if (!/^[!-/:-@[-`{-~]$/.test(character)) this.#refuse('an escape that is not allowed')
  }

  #quantifier(): [min: number, max: number] {
    const character = this.#peek()
    let range: [number, number] = [1, 1]
    if (character === '*') range = [0, Number.POSITIVE_INFINITY]
    else if (character === '+') range = [1, Number.POSITIVE_INFINITY]
    else if (character === '?') range = [0, 1]
    else if (character === '{') range = this.#counts()
    else return range
    if (character !== '{') this.#write(this.#take())
    if (/^[*+?{]$/.test(this.#peek() ?? '')) this.#refuse('a quantifier after a quantifier')
    return range
  }

  #counts(): [min: number, max: number] {
    const rest = this.#characters.slice(this.#at, this.#at + 12).join('')
    const match = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(rest)
    if (!match) return this.#refuse('a { that needs a \\ before it')
    const [text, least = '0', comma, most] = match
    const min = Number(least)
    const bound = most ?? (comma ? undefined : least)
    const max = bound === undefined ? Number.POSITIVE_INFINITY : Number(bound)
    const highest = max === Number.POSITIVE_INFINITY ? min : max
    if (min > max) this.#refuse('counts that are not in order')
    if (highest > REGEX_REPEATS_MAX) this.#refuse(`a count above ${REGEX_REPEATS_MAX}`)
    this.#at += text.length
    this.#write(text)
    return [min, max]
  }

  #peek(ahead = 0): string | undefined {
    return this.#characters[this.#at + ahead]
  }

  #take(): string {
    const character = this.#characters[this.#at++]
    return character ?? this.#refuse('an end where more should follow')
  }

  #write(text: string): void {
    this.#written += text
  }

  #refuse(problem: string): never {
    throw new Refusal(`at character ${Math.min(this.#at, this.#characters.length)}: ${problem}`)
  }
}

/** With several alternatives only the first is tied to the beginning, so there is no prefix. */
function prefixOf(branches: readonly Branch[]): { prefix: string; isPrefixOnly: boolean } {
  const [items, second] = branches
  if (!items || second) return { prefix: '', isPrefixOnly: false }
  let prefix = ''
  for (const { literal, min, max } of items) {
    if (literal === null || min === 0) return { prefix, isPrefixOnly: false }
    prefix += literal.repeat(min)
    if (max !== min) return { prefix, isPrefixOnly: false }
  }
  return { prefix, isPrefixOnly: true }
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}
