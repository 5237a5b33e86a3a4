import { ApiError } from '../errors.ts'
import { formatDate, parseDate, parseZonedDate } from '../lib/dates.ts'
import { checkRegex } from '../lib/safe-regex.ts'
import { pairsOf, wordsOf } from '../lib/words.ts'
import { keyOf, OPAQUE_KEY, textKey } from '../storage/keys.ts'
import type { Condition } from '../storage/port.ts'
import { badWhere } from './bad-where.ts'
import { isHash } from './params.ts'
import { GEO_OPERATORS, near } from './where-geo.ts'

const CONDITIONS_MAX = 200
const DEPTH_MAX = 10

/** Fields that name a moment by themselves: a value may be any date, without a zone too. */
const DATE_FIELDS = new Set(['created_at', 'updated_at', 'start_time', 'end_time', 'confirmed_at'])

const NOTHING: Condition = { op: 'in', field: 'id', values: [] }

type Hash = Readonly<Record<string, unknown>>
type Scope = { readonly depth: number; readonly budget: { left: number } }

/**
 * A `where` hash as the store's condition. Several members are ANDed.
 *
 * @throws {ApiError} `param_invalid`, naming the field and what is wrong with it
 */
export function parseWhere(where: Hash): Condition | undefined {
  const condition = allOf(where, { depth: 0, budget: { left: CONDITIONS_MAX } })
  return condition.op === 'and' && condition.all.length === 0 ? undefined : condition
}

function allOf(where: Hash, scope: Scope): Condition {
  if (scope.depth > DEPTH_MAX) throw badWhere(`it is nested more than ${DEPTH_MAX} deep`)
  const all = Object.entries(where).map(([name, value]) => {
    spend(scope, 1)
    return name.startsWith('$') ? logical(name, value, scope) : onField(name, value, scope)
  })
  return all.length === 1 && all[0] ? all[0] : { op: 'and', all }
}

function spend({ budget }: Scope, conditions: number): void {
  budget.left -= conditions
  if (budget.left < 0) throw badWhere(`it has more than ${CONDITIONS_MAX} conditions`)
}

function logical(name: string, value: unknown, scope: Scope): Condition {
  if (name === '$text') {
    if (scope.depth > 0) throw badWhere('$text may stand at the top only')
    return textSearch(value)
  }
  if (name !== '$or' && name !== '$and' && name !== '$nor')
    throw badWhere(`${name} is not an operator`)
  if (!Array.isArray(value) || value.length === 0 || !value.every(isHash)) {
    throw badWhere(`${name} needs a list of hashes`)
  }
  const parts = value.map((one: Hash) => allOf(one, { ...scope, depth: scope.depth + 1 }))
  if (name === '$and') return { op: 'and', all: parts }
  const any: Condition = { op: 'or', any: parts }
  return name === '$or' ? any : { op: 'not', not: any }
}

function onField(name: string, value: unknown, scope: Scope): Condition {
  const field = name === '_id' ? 'id' : name
  if (!isHash(value)) return equals(field, value, scope)
  const entries = Object.entries(value)
  if (entries.length === 0)
    throw badWhere(`${name} has an empty hash; contents of hashes are not found`)
  const isNear = entries.some(([operator]) => GEO_OPERATORS.has(operator))
  if (isNear) return near(field, value)
  const all = entries.map(([operator, operand]) => compare(field, operator, operand, scope))
  return all.length === 1 && all[0] ? all[0] : { op: 'and', all }
}

type Comparison = (field: string, operand: unknown, scope: Scope) => Condition

const OPERATORS: Readonly<Record<string, Comparison>> = {
  $eq: equals,
  $ne: (field, operand, scope) => ({ op: 'not', not: equals(field, operand, scope) }),
  $lt: (field, operand) => ordered(field, 'lt', operand),
  $lte: (field, operand) => ordered(field, 'lte', operand),
  $gt: (field, operand) => ordered(field, 'gt', operand),
  $gte: (field, operand) => ordered(field, 'gte', operand),
  $in: (field, operand, scope) => oneOf(field, listOf(field, '$in', operand), scope),
  $nin: (field, operand, scope) => ({
    op: 'not',
    not: oneOf(field, listOf(field, '$nin', operand), scope),
  }),
  $exists: (field, operand) => exists(field, operand),
  $all: (field, operand, scope) => everyOne(field, listOf(field, '$all', operand), scope),
  $elemMatch: (field, operand) => element(field, operand),
  $regex: (field, operand) => regex(field, operand),
  $not: (field, operand, scope) => {
    if (!isHash(operand)) throw badWhere(`$not of ${field} needs a hash`)
    return { op: 'not', not: onField(field, operand, scope) }
  },
}

function compare(field: string, operator: string, operand: unknown, scope: Scope): Condition {
  const comparison = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (!comparison) throw badWhere(`${operator} of ${field} is not an operator`)
  return comparison(field, operand, scope)
}

function equals(field: string, value: unknown, scope: Scope): Condition {
  if (value === null) return { op: 'not', not: { op: 'exists', field } }
  if (Array.isArray(value)) return everyOne(field, value, scope)
  if (isHash(value)) throw badWhere(`${field} compares with a hash, whose contents are not found`)
  if (field === 'created_at') return createdAt('eq', value)
  const key = valueKey(field, value)
  return key === null ? NOTHING : { op: 'eq', field, value: key }
}

function everyOne(field: string, values: readonly unknown[], scope: Scope): Condition {
  const all = each(field, values, scope)
  return all.length === 0 ? NOTHING : { op: 'and', all }
}

/** One condition for each value, so that a long list counts as the many conditions that it is. */
function each(field: string, values: readonly unknown[], scope: Scope): Condition[] {
  spend(scope, values.length)
  return values.map((one) => equals(field, one, scope))
}

function ordered(field: string, op: 'lt' | 'lte' | 'gt' | 'gte', value: unknown): Condition {
  if (value === null || typeof value === 'object') {
    throw badWhere(`$${op} of ${field} needs a number, a text, a date or a boolean`)
  }
  if (field === 'created_at') return createdAt(op, value)
  const key = valueKey(field, value)
  return key === null ? NOTHING : { op, field, value: key }
}

/** `null` for text too long to be found: the API gives no results then, and no error. */
function valueKey(field: string, value: unknown): string | null {
  if (field === 'id') return String(value)
  if (typeof value !== 'string') return keyOf(value)
  const instant = DATE_FIELDS.has(field) ? parseDate(value) : parseZonedDate(value)
  if (instant !== null) return keyOf(formatDate(instant))
  const key = textKey(value)
  return key === OPAQUE_KEY ? null : key
}

/** An id has 8 hex digits for the seconds, and the next second must fit in them too. */
const ID_SECONDS_MAX = 0xffff_fffe

/**
 * An object's age lies in its id, to the second, which is also all that a client ever sees of
 * `created_at`. So no index of its own is needed.
 */
function createdAt(op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte', value: unknown): Condition {
  const instant = typeof value === 'string' ? parseDate(value) : null
  if (instant === null)
    throw badWhere('created_at compares with a date such as 2019-04-02T10:00:00+0000')
  const second = Math.min(Math.max(0, Math.floor(instant / 1000)), ID_SECONDS_MAX)
  const start = second.toString(16).padStart(8, '0') + '0'.repeat(16)
  const next = (second + 1).toString(16).padStart(8, '0') + '0'.repeat(16)
  if (op === 'lt') return { op: 'lt', field: 'id', value: start }
  if (op === 'gte') return { op: 'gte', field: 'id', value: start }
  if (op === 'lte') return { op: 'lt', field: 'id', value: next }
  if (op === 'gt') return { op: 'gte', field: 'id', value: next }
  return {
    op: 'and',
    all: [
      { op: 'gte', field: 'id', value: start },
      { op: 'lt', field: 'id', value: next },
    ],
  }
}

/** Plain values are one condition however many they are; null, lists and ages are one each. */
function oneOf(field: string, values: readonly unknown[], scope: Scope): Condition {
  const isPlain = (one: unknown) => typeof one !== 'object' && field !== 'created_at'
  const keys = values.filter(isPlain).map((one) => valueKey(field, one))
  const plain: Condition = { op: 'in', field, values: keys.filter((key) => key !== null) }
  const others = values.filter((one) => !isPlain(one))
  return others.length === 0 ? plain : { op: 'or', any: [plain, ...each(field, others, scope)] }
}

function listOf(field: string, operator: string, operand: unknown): readonly unknown[] {
  if (!Array.isArray(operand)) throw badWhere(`${operator} of ${field} needs a list`)
  if (operand.length > 1000) throw badWhere(`${operator} of ${field} has more than 1000 values`)
  return operand
}

const TRUE_WORDS = new Set([true, 'true', 1, '1'])
const FALSE_WORDS = new Set([false, 'false', 0, '0'])

function exists(field: string, operand: unknown): Condition {
  const wanted = TRUE_WORDS.has(operand as string)
  if (!wanted && !FALSE_WORDS.has(operand as string)) {
    throw badWhere(`$exists of ${field} needs true or false`)
  }
  // Every object has these two.
  const always = field === 'id' || field === 'created_at'
  const present: Condition = always ? { op: 'and', all: [] } : { op: 'exists', field }
  return wanted ? present : { op: 'not', not: present }
}

const ELEMENT_OPERATORS = {
  $eq: 'eq',
  $ne: 'ne',
  $lt: 'lt',
  $lte: 'lte',
  $gt: 'gt',
  $gte: 'gte',
} as const

function element(field: string, operand: unknown): Condition {
  if (!isHash(operand)) throw badWhere(`$elemMatch of ${field} needs a hash of operators`)
  const all = Object.entries(operand).map(([operator, value]) => {
    const op = Object.hasOwn(ELEMENT_OPERATORS, operator)
      ? ELEMENT_OPERATORS[operator as keyof typeof ELEMENT_OPERATORS]
      : undefined
    if (!op) throw badWhere(`${operator} in $elemMatch of ${field} is not an operator`)
    if (isHash(value) || Array.isArray(value))
      throw badWhere(`${operator} of ${field} needs one value`)
    return { op, value: valueKey(field, value) ?? '' }
  })
  return { op: 'element', field, all }
}

const REGEX_REFUSED =
  'This regex query is not supported, regex expression should start with ^letter or ^digit.'

function regex(field: string, operand: unknown): Condition {
  if (typeof operand !== 'string') throw badWhere(`$regex of ${field} needs a text`)
  if (!/^\^[\p{L}\p{N}]/u.test(operand)) throw new ApiError('param_invalid', REGEX_REFUSED)
  const checked = checkRegex(operand)
  if (checked.kind === 'refused') throw badWhere(`$regex of ${field}: ${checked.problem}`)
  const { prefix, pattern, isPrefixOnly } = checked
  return isPrefixOnly ? { op: 'regex', field, prefix } : { op: 'regex', field, prefix, pattern }
}

function textSearch(value: unknown): Condition {
  const search = isHash(value) ? value.$search : undefined
  if (typeof search !== 'string' || search.trim() === '') {
    throw badWhere('$text needs {"$search": "words"}')
  }
  return textCondition(search)
}

/**
 * Words, quoted phrases and either with a leading minus, as `$text` and the search methods read.
 * Beside a phrase, which must be there, the other words only add to the relevance.
 */
export function textCondition(search: string): Condition {
  const quoted = [...search.matchAll(/(-?)"([^"]*)"/g)].map(([, minus, phrase = '']) => {
    return { isWanted: minus === '', words: wordsOf(phrase) }
  })
  const rest = search.replace(/-?"[^"]*"/g, ' ')
  const without = [...rest.matchAll(/(?:^|\s)-(\S+)/g)].flatMap((match) => wordsOf(match[1] ?? ''))
  const words = wordsOf(rest.replace(/(?:^|\s)-\S+/g, ' '))
  const spoken = quoted.filter((one) => one.words.length > 0)
  const wanted = spoken.filter((one) => one.isWanted).map((one) => one.words)
  const text: Condition = {
    op: 'text',
    words: wanted.length > 0 ? [...words, ...wanted.flat()] : words,
    phrases: wanted.map(phraseWords),
    without,
  }
  const excluded = spoken.filter((one) => !one.isWanted).map((one) => noPhrase(one.words))
  return excluded.length > 0 ? { op: 'and', all: [text, ...excluded] } : text
}

function noPhrase(words: readonly string[]): Condition {
  const all = phraseWords(words).map(
    (word): Condition => ({ op: 'eq', field: '$text', value: textKey(word) }),
  )
  return { op: 'not', not: { op: 'and', all } }
}

/** A phrase by the pairs of neighbours in it, which the index holds beside the words. */
function phraseWords(words: readonly string[]): readonly string[] {
  return words.length < 2 ? words : pairsOf(words)
}
