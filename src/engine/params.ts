import type { StagedBlob } from '../blobs/port.ts'
import { ApiError } from '../errors.ts'
import { formatDate, parseDate } from '../lib/dates.ts'
import { isObjectId } from '../lib/ids.ts'

/**
 * Parameters as a method declares them: one value says how text from a form becomes a typed value,
 * what the OpenAPI document shows, and what the error says. Values arrive as text (forms, query
 * strings), as JSON (a JSON body) or as a file (multipart); each kind reads all that fit.
 */
export type Param<T> = {
  /** JSON Schema of the value as a client sends it. */
  readonly schema: JsonSchema
  readonly required: boolean
  /** @throws {ApiError} `param_invalid`, with a text that names the parameter */
  read(raw: unknown, name: string): T
}

export type JsonSchema = { readonly [keyword: string]: unknown }

/** What a client sent: query, body and path merged, `name[]` as lists and `name[key]` as hashes. */
export type Input = { readonly [name: string]: unknown }

export type Params = { readonly [name: string]: Param<unknown> }

export type ParamValues<P extends Params> = {
  readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never
}

/** A file part of a multipart body: received, on disk, and removed after the call unless kept. */
export class FilePart {
  readonly filename: string
  readonly contentType: string
  readonly staged: StagedBlob
  /** Takes back what a method made of the file; called when the call is refused after all. */
  undo: (() => Promise<void>) | undefined

  constructor(filename: string, contentType: string, staged: StagedBlob) {
    this.filename = filename
    this.contentType = contentType
    this.staged = staged
  }
}

/** @throws {ApiError} `param_invalid` for the first parameter that is missing or malformed */
export function readParams<P extends Params>(params: P, input: Input): ParamValues<P> {
  const values: Record<string, unknown> = {}
  for (const [name, param] of Object.entries(params)) {
    values[name] = param.read(input[name], name)
  }
  return values as ParamValues<P>
}

export function missing(name: string): ApiError {
  return new ApiError('param_invalid', `Required field: ${name}`)
}

export function invalid(name: string, expected: string): ApiError {
  return new ApiError('param_invalid', `Invalid ${name} parameter; value must be ${expected}`)
}

/**
 * The same parameter, but a call without it is refused. Empty text counts as absent.
 * @param refusal the text of the error, where it is not "Required field: name"
 */
export function required<T>(param: Param<T | undefined>, refusal?: string): Param<T> {
  return {
    schema: param.schema,
    required: true,
    read(raw, name) {
      const value = raw === '' ? undefined : param.read(raw, name)
      if (value !== undefined) return value
      throw refusal === undefined ? missing(name) : new ApiError('param_invalid', refusal)
    },
  }
}

export function described<T>(param: Param<T>, description: string): Param<T> {
  return { ...param, schema: { ...param.schema, description } }
}

type TextOptions = {
  /** Characters (UTF-16 units). */
  readonly max?: number
  readonly pattern?: RegExp
  /** Completes "value must be ..." when the pattern does not match. */
  readonly expected?: string
}

const TEXT_MAX = 65_536

/** Text as sent; a JSON number or boolean is taken as its text. Empty text is a value. */
export function text(options: TextOptions = {}): Param<string | undefined> {
  const max = options.max ?? TEXT_MAX
  const pattern = options.pattern
  return {
    schema: { type: 'string', maxLength: max, ...(pattern ? { pattern: pattern.source } : {}) },
    required: false,
    read(raw, name) {
      const value = plainText(raw, name)
      if (value === undefined) return undefined
      if (value.length > max) throw invalid(name, `at most ${max} characters long`)
      if (pattern && value !== '' && !pattern.test(value)) {
        throw invalid(name, options.expected ?? `of the form ${pattern.source}`)
      }
      return value
    },
  }
}

/** @throws {ApiError} for a file, a list, a hash, or text that a database cannot hold */
export function plainText(raw: unknown, name: string): string | undefined {
  if (raw === undefined || raw === null) return undefined
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  if (typeof raw !== 'string') throw invalid(name, 'text')
  assertStorable(raw, name)
  return raw
}

/** NUL and halves of surrogate pairs cannot be stored by every database, so none takes them. */
export function assertStorable(value: string, name: string): void {
  if (value.includes('\0') || !value.isWellFormed()) {
    throw invalid(name, 'valid Unicode text without NUL characters')
  }
}

type NumberOptions = { readonly min?: number; readonly max?: number; readonly unit?: string }

export function integer(options: NumberOptions = {}): Param<number | undefined> {
  return numeric('integer', options)
}

export function decimal(options: NumberOptions = {}): Param<number | undefined> {
  return numeric('number', options)
}

function numeric(type: 'integer' | 'number', options: NumberOptions): Param<number | undefined> {
  const { min, max } = options
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  const from = min === undefined ? '' : ` from ${min}`
  const to = max === undefined ? '' : ` to ${max}`
  const range = from + to
  return {
    schema: {
      type,
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
      ...(options.unit ? { description: options.unit } : {}),
    },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined
      const value = numberOf(raw)
      const fits = value >= (min ?? -Infinity) && value <= (max ?? Infinity)
      const whole = type === 'number' || Number.isSafeInteger(value)
      if (!Number.isFinite(value) || !fits || !whole) throw invalid(name, kind + range)
      return value
    },
  }
}

/** Of a number or its decimal text; NaN for anything else, such as a list or `true`. */
export function numberOf(raw: unknown): number {
  if (typeof raw === 'number') return raw
  if (typeof raw !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(raw)) {
    return Number.NaN
  }
  return Number(raw)
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }

/** `true`, `false`, and `1`, `0` as one SDK writes them. */
export function flag(): Param<boolean | undefined> {
  return {
    schema: { type: 'boolean' },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined
      // A hash may have no text, not even a wrong one.
      const word = typeof raw === 'object' ? '' : String(raw)
      const value = Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined
      if (value === undefined) throw invalid(name, 'true or false')
      return value
    },
  }
}

/** An instant, in milliseconds since 1970; see `parseDate` for the forms. */
export function date(): Param<number | undefined> {
  return {
    schema: { type: 'string', description: 'yyyy-mm-ddThh:mm:ss+zzzz' },
    required: false,
    read(raw, name) {
      const value = plainText(raw, name)
      if (value === undefined || value === '') return undefined
      const instant = parseDate(value)
      if (instant === null) throw invalid(name, 'a date such as 2019-04-02T10:00:00+0000')
      return instant
    },
  }
}

/** A date as an object keeps it: in output form. Empty text takes it away. */
export function dateText(): Param<string | undefined> {
  const instant = date()
  return {
    schema: instant.schema,
    required: false,
    read(raw, name) {
      const value = instant.read(raw, name)
      return value === undefined ? (raw === '' ? '' : undefined) : formatDate(value)
    },
  }
}

/** The id of an object. */
export function id(): Param<string | undefined> {
  return {
    schema: { type: 'string', description: '24 hex digits' },
    required: false,
    read: (raw, name) => plainText(raw, name)?.trim(),
  }
}

/** Ids or names: a comma list, a repeated `name[]`, or a JSON list. */
export function list(): Param<readonly string[] | undefined> {
  return {
    schema: { type: 'string', description: 'comma-separated list' },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === null) return undefined
      if (Array.isArray(raw)) return cleaned(raw.map((one) => plainText(one, name) ?? ''))
      const value = plainText(raw, name) ?? ''
      return cleaned(value.startsWith('[') ? jsonList(value, name) : value.split(','))
    },
  }
}

function jsonList(value: string, name: string): string[] {
  const parsed = parseJson(value, name)
  if (!Array.isArray(parsed)) throw invalid(name, 'a list')
  return parsed.map((one) => plainText(one, name) ?? '')
}

function cleaned(values: readonly string[]): string[] {
  return values.map((one) => one.trim()).filter((one) => one !== '')
}

/** @throws {ApiError} with the given text unless all are ids */
export function assertIds(ids: readonly string[], message: string): void {
  if (!ids.every(isObjectId)) throw new ApiError('param_invalid', message)
}

/** How deep JSON from outside may nest, so that nothing that walks it runs out of stack. */
const JSON_DEPTH_MAX = 32

/** A hash: JSON text in a form field, or a JSON object in a JSON body. */
export function hash(): Param<Readonly<Record<string, unknown>> | undefined> {
  return {
    schema: { type: 'object', additionalProperties: true, description: 'JSON, as text in forms' },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined
      const value = typeof raw === 'string' ? parseJson(raw, name) : raw
      if (!isHash(value)) throw invalid(name, 'a JSON hash')
      assertJson(value, name)
      return value
    },
  }
}

/** Any JSON value, as text in forms. */
export function json(): Param<unknown> {
  return {
    schema: { description: 'JSON, as text in forms' },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === '') return undefined
      if (raw instanceof FilePart) throw invalid(name, 'JSON')
      const value = typeof raw === 'string' ? parseJson(raw, name) : raw
      assertJson(value, name)
      return value
    },
  }
}

/** A file part. Empty text means "none", which on an update takes the present one away. */
export function file(): Param<FilePart | '' | undefined> {
  return {
    schema: { type: 'string', format: 'binary' },
    required: false,
    read(raw, name) {
      if (raw === undefined || raw === null) return undefined
      if (raw === '' || raw instanceof FilePart) return raw
      throw invalid(name, 'a file, sent as a part of multipart/form-data')
    },
  }
}

export function isHash(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof FilePart)
  )
}

function parseJson(value: string, name: string): unknown {
  try {
    return JSON.parse(value)
  } catch (cause) {
    throw new ApiError('param_invalid', `Invalid ${name} parameter; it is not valid JSON`, {
      cause,
    })
  }
}

/** Walks without recursion on purpose: the value may be nested as deep as a sender likes. */
function assertJson(value: unknown, name: string): void {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > JSON_DEPTH_MAX) throw invalid(name, `nested at most ${JSON_DEPTH_MAX} deep`)
    const next: unknown[] = []
    for (const one of level) {
      assertValue(one, name)
      if (typeof one === 'object' && one !== null) {
        for (const member of Object.values(one)) next.push(member)
      }
    }
    level = next
  }
}

function assertValue(value: unknown, name: string): void {
  if (typeof value === 'string') assertStorable(value, name)
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(name, 'finite numbers')
  if (value instanceof FilePart) throw invalid(name, 'JSON')
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) assertStorable(key, name)
}
