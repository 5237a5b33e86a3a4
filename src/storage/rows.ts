import type { Claim, Keys, StoredRecord } from './port.ts'
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
