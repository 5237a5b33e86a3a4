import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Claim, NewRecord, StoredRecord } from '../../storage/port.ts'
import { bodyOf, refuseBad, requiredTextMember, textMember } from '../assets/body.ts'
import { toolsPath } from '../http/paths.ts'

/** The records of roles of mobile users; members of the team have other ones. */
export const ROLE_TYPE = 'userRole'

export type RoleFields = {
  /** What users are said to have, and backends and APIs to ask for. */
  readonly name: string
  readonly desc: string | null
}

const NAME = {
  charactersMax: 100,
  pattern: /^[A-Za-z][\w.-]*$/,
  form: 'a letter followed by letters, digits, dots, hyphens and underscores',
}
const DESC = { charactersMax: 100 }

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readRoleFields(json: unknown): RoleFields {
  const body = bodyOf(json)
  const name = requiredTextMember(body, 'name', NAME)
  const desc = textMember(body, 'desc', DESC)
  refuseBad(body)
  return { name, desc }
}

export function roleClaim(name: string): Claim {
  return { scope: `${ROLE_TYPE}.name`, value: name }
}

export function roleOf(record: Pick<StoredRecord, 'data'>): RoleFields {
  const { name, desc } = JSON.parse(record.data) as RoleFields
  return { name, desc }
}

type Made = { readonly actor: string; readonly at: number }

export function newRoleRecord(fields: RoleFields, { actor, at }: Made): NewRecord {
  const record = {
    ...{ backendId: INSTANCE, type: ROLE_TYPE, id: randomUUID(), ownerId: null, aclId: null },
    ...{ createdAt: at, hidden: null },
  }
  return { ...record, ...contentOf(fields, { actor, at, createdBy: actor }) }
}

export function changedRoleRecord(before: StoredRecord, fields: RoleFields, made: Made): NewRecord {
  const { createdBy } = JSON.parse(before.data) as { createdBy: string }
  const { version: _, ...record } = before
  return { ...record, ...contentOf(fields, { ...made, createdBy }) }
}

function contentOf(fields: RoleFields, made: Made & { readonly createdBy: string }) {
  const { name, desc } = fields
  return {
    updatedAt: made.at,
    data: JSON.stringify({ name, desc, createdBy: made.createdBy, modifiedBy: made.actor }),
    keys: { name: textKey(name), modifiedOn: dateKey(made.at) },
    claims: [roleClaim(name)],
  }
}

export function presentRole(record: StoredRecord) {
  const data = JSON.parse(record.data) as Record<'createdBy' | 'modifiedBy', string>
  return {
    id: record.id,
    ...roleOf(record),
    etag: String(record.version),
    createdOn: new Date(record.createdAt).toISOString(),
    createdBy: data.createdBy,
    modifiedOn: new Date(record.updatedAt).toISOString(),
    modifiedBy: data.modifiedBy,
    links: [{ rel: 'canonical', href: toolsPath('roles', record.id) }],
  }
}
