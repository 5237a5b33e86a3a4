import type { RecordAddress, WriteOperation } from '../../storage/port.ts'
import { contentKey } from './object.ts'

/** Removes the bytes that no object names any more. */
export const CONTENT_JOB = 'platform.deleteContent'

export function deletesContent(
  address: RecordAddress,
  revision: string,
  runAt: number,
): WriteOperation {
  const payload = JSON.stringify({ key: contentKey(address, revision) })
  const id = `content-${address.id}-${revision}`
  return {
    op: 'enqueue',
    job: { backendId: address.backendId, id, kind: CONTENT_JOB, payload, runAt },
  }
}
