import { randomBytes } from 'node:crypto'
import type { EngineContext } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'
import { FilePart } from '../../engine/params.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { DELETE_FILES_JOB } from '../photos/jobs.ts'

/** The folder of a binary value, which is a file of its own; out of sight in the record. */
export function folderOf(record: StoredRecord): string | null {
  const { folder } = JSON.parse(record.hidden ?? '{}') as { folder?: string }
  return folder ?? null
}

const FILE = 'value'

/** Puts a value on the medium before any record tells of it. @returns its folder */
export async function storeBinary(call: Call, value: string | FilePart): Promise<string> {
  const { blobs } = call.context
  const revision = randomBytes(16).toString('hex')
  const folder = `${call.backend.id}/keyvalues/${revision.slice(0, 2)}/${revision}/`
  if (value instanceof FilePart) {
    value.undo = () => blobs.deleteAll(folder)
    await blobs.commit(value.staged, folder + FILE)
  } else {
    await blobs.put(folder + FILE, Buffer.from(value))
  }
  return folder
}

export function readBinary(call: Call, folder: string): Promise<Uint8Array | null> {
  return call.context.blobs.readBytes(folder + FILE)
}

/** The job that removes the file of a value that is replaced or deleted. */
export function binaryDeletion(context: EngineContext, record: StoredRecord): WriteOperation[] {
  const folder = folderOf(record)
  if (folder === null) return []
  const job = {
    backendId: record.backendId,
    id: `files-${record.id}-${record.version}`,
    kind: DELETE_FILES_JOB,
    payload: JSON.stringify({ folder }),
    runAt: context.now(),
  }
  return [{ op: 'enqueue', job }]
}
