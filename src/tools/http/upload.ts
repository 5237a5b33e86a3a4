import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { FastifyInstance } from 'fastify'
import type { BlobStore, StagedBlob } from '../../blobs/port.ts'
import { ApiError } from '../../errors.ts'

/** What a form with one file held. The file is on the medium, and has no name there yet. */
export type Upload = {
  readonly fields: ReadonlyMap<string, string>
  readonly file: { readonly staged: StagedBlob; readonly filename: string } | null
}

type UploadOptions = { readonly blobs: BlobStore; readonly sizeBytesMax: number }

const FIELD_BYTES_MAX = 64 * 1024
const PARTS_MAX = 20

/** Reads forms with a large `file`, besides what the scope reads; the file never is in memory. */
export function readUploads(scope: FastifyInstance, options: UploadOptions): void {
  scope.addContentTypeParser('multipart/form-data', (_: unknown, stream: IncomingMessage) =>
    uploadIn(stream, options),
  )
}

/**
 * Does something with the file of a form. What `use` does not give a name to is removed.
 *
 * @throws {ApiError} `param_invalid` without a file
 */
export async function withFile<T>(
  blobs: BlobStore,
  body: unknown,
  use: (file: NonNullable<Upload['file']>, fields: Upload['fields']) => Promise<T>,
): Promise<T> {
  const { file = null, fields } = (body ?? {}) as Partial<Upload>
  if (!file || !fields) {
    throw new ApiError('param_invalid', "Send a form as multipart/form-data with a 'file'.")
  }
  try {
    return await use(file, fields)
  } finally {
    await blobs.discard(file.staged)
  }
}

async function uploadIn(
  stream: IncomingMessage,
  { blobs, sizeBytesMax }: UploadOptions,
): Promise<Upload> {
  const fields = new Map<string, string>()
  const files: Readable[] = []
  const staging: Promise<Upload['file']>[] = []
  const parser = parserFor(stream)
  parser.on('field', (name, value) => fields.set(name, value))
  parser.on('file', (name, file, filename) => {
    files.push(file)
    if (name !== 'file' || filename === undefined) file.resume()
    else staging.push(blobs.stage(file, sizeBytesMax).then((staged) => ({ staged, filename })))
  })
  try {
    await finished(parser, stream)
    const [file = null] = await Promise.all(staging)
    return { fields, file }
  } catch (error) {
    // A body that is broken off leaves its files without an end, which nobody may wait for.
    stream.unpipe(parser)
    stream.resume()
    for (const file of files) file.destroy()
    for (const one of await Promise.allSettled(staging)) {
      if (one.status === 'fulfilled' && one.value) await blobs.discard(one.value.staged)
    }
    throw error
  }
}

function parserFor(stream: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...stream.headers, 'content-type': stream.headers['content-type'] ?? '' },
      limits: { fieldSize: FIELD_BYTES_MAX, files: 1, parts: PARTS_MAX, fieldNameSize: 256 },
    })
  } catch (cause) {
    throw new ApiError('param_invalid', 'The form has no boundary.', { cause })
  }
}

function finished(parser: BusboyInstance, stream: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = (cause: unknown) =>
      reject(new ApiError('param_invalid', 'The form is not valid.', { cause }))
    const tooMany = () => reject(new ApiError('param_invalid', 'The form has too many parts.'))
    parser.on('finish', resolve)
    parser.on('error', broken)
    parser.on('partsLimit', tooMany)
    parser.on('filesLimit', tooMany)
    stream.on('error', broken)
    stream.on('aborted', () => broken(new Error('the client went away')))
    stream.pipe(parser)
  })
}
