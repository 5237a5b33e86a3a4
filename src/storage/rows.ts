import type { Claim, Keys, RecordAddress, StoredRecord } from './port.ts'
import type { Row } from './sql.ts'

/** The order in which {@link toRecord} expects the columns. */
export const RECORD_COLUMNS = [
  'id',
  'owner_id',
  'acl_id',
  'created_at',
  'updated_at',
  'version',
  'data',
  'hidden',
  'keys',
  'claims',
] as const

type RecordRow = readonly [
  id: string,
  ownerId: string | null,
  aclId: string | null,
  createdAt: number,
  updatedAt: number,
  version: number,
  data: string,
  hidden: string | null,
  keys: string,
  claims: string,
]

/** All that most readers of a record want; see {@link RestOfRow}. */
export const SHOWN_COLUMNS = [
  'owner_id',
  'acl_id',
  'created_at',
  'updated_at',
  'version',
  'data',
  'hidden',
] as const

/** Reads keys and claims, as texts, when somebody asks for them; `null` when the record is gone. */
export type RestOfRow = () => readonly [keys: string, claims: string] | null

/**
 * A row of {@link SHOWN_COLUMNS} as a record. Should keys or claims be read after the record has
 * changed, they are the later ones: whoever writes them back fails by the version.
 */
export function toShownRecord(
  { backendId, type, id }: RecordAddress,
  row: Row,
  rest: RestOfRow,
): StoredRecord {
  const [ownerId, aclId, createdAt, updatedAt, version, data, hidden] = row as unknown as ShownRow
  let read: readonly [string, string] | null | undefined
  const texts = () => {
    read ??= rest() ?? ['{}', '[]']
    return read
  }
  return {
    ...{ backendId, type, id, ownerId, aclId, createdAt, updatedAt, version, data, hidden },
    get keys(): Keys {
      return JSON.parse(texts()[0]) as Keys
    },
    get claims(): readonly Claim[] {
      return JSON.parse(texts()[1]) as readonly Claim[]
    },
  }
}

type ShownRow = readonly [
  ownerId: string | null,
  aclId: string | null,
  createdAt: number,
  updatedAt: number,
  version: number,
  data: string,
  hidden: string | null,
]

/**
 * A row as a record. Keys and claims are decoded when somebody asks, since most readers only pass
 * `data` on; they are own properties, so that a spread copies them.
 */
export function toRecord(backendId: string, type: string, row: Row): StoredRecord {
  const [id, ownerId, aclId, createdAt, updatedAt, version, data, hidden, keysText, claimsText] =
    row as unknown as RecordRow
  let keys: Keys | undefined
  let claims: readonly Claim[] | undefined
  return {
    backendId,
    type,
    id,
    ownerId,
    aclId,
    createdAt,
    updatedAt,
    version,
    data,
    hidden,
    get keys(): Keys {
      keys ??= JSON.parse(keysText) as Keys
      return keys
    },
    get claims(): readonly Claim[] {
      claims ??= JSON.parse(claimsText) as readonly Claim[]
      return claims
    },
  }
}

export function toRecords(backendId: string, type: string, rows: readonly Row[]): StoredRecord[] {
  return rows.map((row) => toRecord(backendId, type, row))
}
