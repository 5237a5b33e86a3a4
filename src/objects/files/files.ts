import type { EngineContext } from '../../engine/context.ts'
import { defineObject } from '../../engine/definition.ts'
import { text } from '../../engine/params.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { DELETE_FILES_JOB } from '../photos/jobs.ts'
import { contentOf, contentUrl, fileFolder } from './content.ts'
import { countStorage } from './storage-used.ts'

/** A file of any kind that a user uploaded, or had the server fetch. */
export const files = defineObject({
  name: 'file',
  title: 'File',
  collection: 'files',
  idParam: 'file_id',
  unnamed: 'Invalid file_id',
  description: 'A file of any kind that a user uploaded, or had the server fetch.',
  methods: { delete: 'deleteFile', count: 'filesCount', batchDelete: 'batchDelete' },
  fields: { name: text({ max: 500 }) },
  computed: {
    processed: { type: 'boolean', description: 'It can be downloaded.' },
    url: { type: 'string', description: 'Where; absent until it is processed.' },
    processing_error: { type: 'string', description: 'Why it never will be processed.' },
  },
  customFields: true,
  acl: true,
  words: ['name'],
  alsoDeletes: fileDeletion,
  view({ data, hidden, record, call }) {
    const content = data.processed === true ? contentOf(hidden()) : null
    const url = content && contentUrl(call, record.id, content)
    return url === null ? data : { ...data, url }
  },
})

async function fileDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const { backendId, id } = record
  const job = {
    backendId,
    id: `files-${id}`,
    kind: DELETE_FILES_JOB,
    payload: JSON.stringify({ folder: fileFolder(backendId, id) }),
    runAt: context.now(),
  }
  const bytes = contentOf(JSON.parse(record.hidden ?? '{}'))?.sizeBytes ?? 0
  return [{ op: 'enqueue', job }, ...(await countStorage(context, record, -bytes))]
}
