import { type Body, flagMember, objectMember, type TextRule, textMember } from './body.ts'

/** JSON Schema of a member, for the OpenAPI document. */
export type MemberSchema = Readonly<Record<string, unknown>>

/** A member that only one type of assets has: how it is read and described follows from this. */
export type Member<T> = {
  /** The value, or `null` when it is absent, null or wrong; what is wrong is told to the body. */
  read(body: Body, name: string): T | null
  /** What it is when nobody says; records made before there was such a member have it too. */
  readonly absent: T
  readonly isRequired?: boolean
  /** Only the server sets it; what is sent is ignored, so that what was read can be sent back. */
  readonly isReadOnly?: boolean
  /** Told of one asset by itself and not in lists, since it may be long. */
  readonly onlyAlone?: boolean
  readonly schema: MemberSchema
}

export type Members<Own extends object> = { readonly [Name in keyof Own]: Member<Own[Name]> }

export function flag(absent: boolean): Member<boolean> {
  return { read: flagMember, absent, schema: { type: 'boolean' } }
}

/** Text that there may be none of. */
export function optionalText(rule: TextRule): Member<string | null> {
  const schema = { ...textSchema(rule), type: ['string', 'null'] }
  return { read: (body, name) => textMember(body, name, rule), absent: null, schema }
}

export function requiredText(rule: TextRule): Member<string> {
  return {
    read: (body, name) => textMember(body, name, rule),
    absent: '',
    isRequired: true,
    schema: textSchema(rule),
  }
}

/** One of some words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  absent: Word,
): Member<Word> {
  const pattern = new RegExp(`^(?:${words.join('|')})$`)
  const rule = { charactersMax: 40, pattern, form: `one of ${words.join(', ')}` }
  return {
    // Sound: the pattern lets only the words through.
    read: (body, name) => textMember(body, name, rule) as Word | null,
    absent,
    schema: { enum: words },
  }
}

/** An object of whatever members. */
export function anyObject(): Member<Readonly<Record<string, unknown>>> {
  return {
    read: (body, name) => objectMember(body, name)?.members ?? null,
    absent: {},
    schema: { type: 'object' },
  }
}

/** What the server keeps of an asset. */
export function ours<T>(absent: T, schema: MemberSchema): Member<T> {
  return {
    read: () => null,
    absent,
    isReadOnly: true,
    schema: { ...schema, readOnly: true },
  }
}

/** As the creation of an asset leaves them. */
export function readMembers<Own extends object>(members: Members<Own>, body: Body): Own {
  const values = entriesOf(members).map(([name, member]) => {
    const value = member.read(body, name)
    const isGiven = (body.members[name] ?? null) !== null
    if (member.isRequired && !isGiven) body.problems.push(`'${name}' is required.`)
    return [name, value ?? member.absent]
  })
  return Object.fromEntries(values) as Own
}

/** Those that a change names. Null is for what can be absent; it leaves others as they are. */
export function readMemberChanges<Own extends object>(
  members: Members<Own>,
  body: Body,
): Partial<Own> {
  const values = entriesOf(members)
    .filter(([name, { isReadOnly }]) => !isReadOnly && Object.hasOwn(body.members, name))
    .map(([name, member]) => [name, member.read(body, name), member.absent] as const)
    .filter(([, value, absent]) => value !== null || absent === null)
  return Object.fromEntries(values) as Partial<Own>
}

/** As a record has them. */
export function storedMembers<Own extends object>(members: Members<Own>, data: Partial<Own>): Own {
  const values = entriesOf(members).map(([name, { absent }]) => [name, data[name] ?? absent])
  return Object.fromEntries(values) as Own
}

function entriesOf<Own extends object>(members: Members<Own>) {
  return Object.entries(members) as [keyof Own & string, Member<unknown>][]
}

function textSchema({ charactersMax, pattern }: TextRule): MemberSchema {
  return { type: 'string', maxLength: charactersMax, ...(pattern && { pattern: pattern.source }) }
}
