import { ApiError } from '../../errors.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'

/** A JSON body while it is being read; members that nobody asks for are ignored. */
export type Body = {
  readonly members: Readonly<Record<string, unknown>>
  readonly problems: Problems
}

/** @throws {ApiError} `param_invalid` unless the body is a JSON object */
export function bodyOf(body: unknown): Body {
  if (body === undefined) throw new ApiError('param_invalid', 'Send a JSON object as the body.')
  if (!isObject(body)) throw new ApiError('param_invalid', 'The body must be a JSON object.')
  return { members: body, problems: [] }
}

/** @throws {ApiError} `param_invalid` naming every member that was wrong */
export function refuseBad(body: Body): void {
  refuseIfAny(body.problems)
}

export type TextRule = {
  readonly charactersMax: number
  readonly pattern?: RegExp
  readonly form?: string
}

// Neither database can keep these in text.
const UNSTORABLE = /[\0\p{Surrogate}]/u

/** Text, or `null` when the member is absent, null or wrong. */
export function textMember(body: Body, name: string, rule: TextRule): string | null {
  const value = memberOf(body, name)
  if (value === null) return null
  const wrong = problemWithText(value, rule)
  if (wrong) body.problems.push(`${quoted(name)} ${wrong}`)
  return wrong || typeof value !== 'string' ? null : value
}

/** As {@link textMember}, and its absence is a problem too. */
export function requiredTextMember(body: Body, name: string, rule: TextRule): string {
  if (memberOf(body, name) === null) body.problems.push(`${quoted(name)} is required.`)
  return textMember(body, name, rule) ?? ''
}

/** True or false, or `null` when the member is absent, null or wrong. */
export function flagMember(body: Body, name: string): boolean | null {
  const value = memberOf(body, name)
  if (value === null || typeof value === 'boolean') return value
  body.problems.push(`${quoted(name)} must be true or false.`)
  return null
}

/** A member that is an object itself; its problems are told as those of the body. */
export function objectMember(body: Body, name: string): Body | null {
  const value = memberOf(body, name)
  if (value === null) return null
  if (isObject(value)) return { members: value, problems: body.problems }
  body.problems.push(`${quoted(name)} must be an object.`)
  return null
}

/** The objects of a list; none when the member is absent or null. */
export function objectsMember(body: Body, name: string): Body[] {
  const value = memberOf(body, name)
  if (value === null) return []
  if (Array.isArray(value) && value.every(isObject)) {
    return value.map((members) => ({ members, problems: body.problems }))
  }
  body.problems.push(`${quoted(name)} must be a list of objects.`)
  return []
}

/** A list of texts without repeats, or `null` when the member is absent, null or wrong. */
export function textsMember(body: Body, name: string, rule: TextRule): string[] | null {
  const value = memberOf(body, name)
  if (value === null) return null
  const texts = Array.isArray(value) ? value.filter((one) => !problemWithText(one, rule)) : null
  if (texts && Array.isArray(value) && texts.length === value.length)
    return [...new Set<string>(texts)]
  body.problems.push(
    `${quoted(name)} must be a list of texts of at most ${rule.charactersMax} characters.`,
  )
  return null
}

function problemWithText(value: unknown, rule: TextRule): string | null {
  if (typeof value !== 'string') return 'must be text.'
  if (value.length > rule.charactersMax && [...value].length > rule.charactersMax) {
    return `must have at most ${rule.charactersMax} characters.`
  }
  if (UNSTORABLE.test(value)) return 'must not contain NUL or half a surrogate pair.'
  if (rule.pattern && !rule.pattern.test(value)) return `must be ${rule.form}.`
  return null
}

function memberOf({ members }: Body, name: string): unknown {
  return Object.hasOwn(members, name) ? (members[name] ?? null) : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
