import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import type { ErrorCode } from '../../errors.ts'
import { textKey } from '../../storage/keys.ts'
import type { Claim, NewRecord, StoredRecord } from '../../storage/port.ts'
import { bodyOf, refuseBad, requiredTextMember, type TextRule } from '../assets/body.ts'
import { type Members, readMembers, storedMembers } from '../assets/members.ts'
import { toolsPath } from '../http/paths.ts'

/**
 * A kind of things that the installation knows by their names: no assets, since they have neither
 * versions nor a life. Store, routes and audit log derive from this.
 */
export type NamedKind<Own extends object> = {
  /** What people call one, for messages. */
  readonly what: string
  /** What the audit log calls it. */
  readonly auditType: string
  readonly recordType: string
  /** The parts of its address. */
  readonly path: readonly string[]
  readonly nameRule: TextRule
  readonly members: Members<Own>
  /** When there is none with the id in an address. */
  readonly unknown: ErrorCode
}

export type NamedFields<Own extends object> = Own & { readonly name: string }

type Made = { readonly actor: string; readonly at: number }

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readNamedFields<Own extends object>(
  { nameRule, members }: NamedKind<Own>,
  json: unknown,
): NamedFields<Own> {
  const body = bodyOf(json)
  const fields = { name: requiredTextMember(body, 'name', nameRule), ...readMembers(members, body) }
  refuseBad(body)
  return fields
}

export function namedFieldsOf<Own extends object>(
  { members }: NamedKind<Own>,
  { data }: Pick<StoredRecord, 'data'>,
): NamedFields<Own> {
  const stored = JSON.parse(data) as NamedFields<Own>
  return { name: stored.name, ...storedMembers(members, stored) }
}

export function namedClaim({ recordType }: { readonly recordType: string }, name: string): Claim {
  return { scope: `${recordType}.name`, value: name }
}

export function newNamedRecord<Own extends object>(
  kind: NamedKind<Own>,
  fields: NamedFields<Own>,
  made: Made,
): NewRecord {
  return {
    ...{ backendId: INSTANCE, type: kind.recordType, id: randomUUID() },
    ...{ ownerId: null, aclId: null, hidden: null, createdAt: made.at },
    ...contentOf(kind, fields, { ...made, createdBy: made.actor }),
  }
}

export function changedNamedRecord<Own extends object>(
  kind: NamedKind<Own>,
  { version: _, ...before }: StoredRecord,
  change: Made & { readonly fields: NamedFields<Own> },
): NewRecord {
  const { createdBy } = JSON.parse(before.data) as { readonly createdBy: string }
  return { ...before, ...contentOf(kind, change.fields, { ...change, createdBy }) }
}

function contentOf<Own extends object>(
  kind: NamedKind<Own>,
  fields: NamedFields<Own>,
  { actor, at, createdBy }: Made & { readonly createdBy: string },
) {
  return {
    updatedAt: at,
    data: JSON.stringify({ ...fields, createdBy, modifiedBy: actor }),
    keys: { name: textKey(fields.name) },
    claims: [namedClaim(kind, fields.name)],
  }
}

export function presentNamed<Own extends object>(kind: NamedKind<Own>, record: StoredRecord) {
  const by = JSON.parse(record.data) as Record<'createdBy' | 'modifiedBy', string>
  return {
    id: record.id,
    ...namedFieldsOf(kind, record),
    etag: String(record.version),
    createdOn: new Date(record.createdAt).toISOString(),
    createdBy: by.createdBy,
    modifiedOn: new Date(record.updatedAt).toISOString(),
    modifiedBy: by.modifiedBy,
    links: [{ rel: 'canonical', href: toolsPath(...kind.path, record.id) }],
  }
}
