import { INSTANCE } from '../../engine/backend.ts'
import type { NewRecord, RecordAddress, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { API_CONTENT_TYPE, belongingKeys } from '../assets/belongings.ts'
import type { ToolsContext } from '../context.ts'
import type { ApiContent } from './api.ts'
import { digestOf } from './definition/reader.ts'

export const NO_CONTENT: ApiContent = { apiDefn: null, businessObjectsDefn: null, icon: null }

/** The content of an API as it is kept, and the version of its record. */
export type StoredContent = { readonly content: ApiContent; readonly record: StoredRecord | null }

export async function readContent(
  { store }: Pick<ToolsContext, 'store'>,
  apiId: string,
): Promise<StoredContent> {
  const record = await store.get(addressOf(apiId))
  const kept = record ? (JSON.parse(record.data) as Partial<ApiContent>) : {}
  return { content: { ...NO_CONTENT, ...kept }, record }
}

/** The write of content, whether there was some before or not. */
export function contentWrite(
  apiId: string,
  content: ApiContent,
  { before, at }: { readonly before: StoredRecord | null; readonly at: number },
): WriteOperation {
  const { apiDefn, businessObjectsDefn, icon } = content
  const record: NewRecord = {
    ...{ ...addressOf(apiId), ownerId: null, aclId: null, hidden: null, claims: [] },
    ...{ createdAt: before?.createdAt ?? at, updatedAt: at },
    data: JSON.stringify({ apiDefn, businessObjectsDefn, icon }),
    keys: belongingKeys(apiId),
  }
  return before ? { op: 'replace', record, ifVersion: before.version } : { op: 'insert', record }
}

/** The text of a definition, of whose lines an API consists. */
export function textOf(lines: readonly string[]): string {
  return lines.join('\n')
}

export function digestOfLines(lines: readonly string[] | null): string | null {
  return lines === null ? null : digestOf(textOf(lines))
}

function addressOf(apiId: string): RecordAddress {
  return { backendId: INSTANCE, type: API_CONTENT_TYPE, id: apiId }
}
