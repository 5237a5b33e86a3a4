import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { FastifyInstance } from 'fastify'
import type { BlobStore } from '../blobs/port.ts'
import { FilePart, isHash } from '../engine/params.ts'
import { ApiError } from '../errors.ts'
import { decode, type Pair, parsePairs } from './input.ts'

/** What a body held, whatever its form. */
export type Body =
  /** A form: its pairs are signed by OAuth. */
  | { readonly kind: 'form'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'json'; readonly value: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'multipart'
      readonly parts: readonly (readonly [string, string | FilePart])[]
    }

export type BodyLimits = {
  readonly uploadBytesMax: number
  /** All that is not a file. */
  readonly bodyBytesMax: number
}

const FILES_MAX = 5
const PARTS_MAX = 1000

/** Bodies are read on every verb: SDKs send them with GET and DELETE too. */
export function addBodyParsers(app: FastifyInstance, blobs: BlobStore, limits: BodyLimits): void {
  app.removeAllContentTypeParsers()
  const asText = { parseAs: 'string', bodyLimit: limits.bodyBytesMax } as const
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    asText,
    async (_: unknown, text: string) => formBody(text),
  )
  app.addContentTypeParser('application/json', asText, async (_: unknown, text: string) =>
    jsonBody(text),
  )
  app.addContentTypeParser('multipart/form-data', async (_: unknown, stream: IncomingMessage) =>
    multipartBody(stream, blobs, limits),
  )
  app.addContentTypeParser('*', asText, async (_: unknown, text: string) => {
    if (text === '') return undefined
    throw new ApiError('media_type_unsupported')
  })
}

function formBody(text: string): Body {
  return { kind: 'form', pairs: parsePairs(text) }
}

function jsonBody(text: string): Body | undefined {
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ApiError('param_invalid', 'The body is not valid JSON.', { cause })
  }
  if (!isHash(value)) throw new ApiError('param_invalid', 'The JSON body must be an object.')
  return { kind: 'json', value }
}

/**
 * Reads the parts; files go to the blob store's staging area as they arrive. When the body turns
 * out to be broken or too large, what was staged is removed.
 */
async function multipartBody(
  stream: IncomingMessage,
  blobs: BlobStore,
  limits: BodyLimits,
): Promise<Body> {
  const parts: [string, string | FilePart][] = []
  const files: Readable[] = []
  const staging: Promise<void>[] = []
  const fail = { error: undefined as unknown }
  const parser = makeParser(stream, limits)

  let textBytes = 0
  parser.on('field', (name, value, nameCut, valueCut) => {
    textBytes += name.length + Buffer.byteLength(value)
    if (nameCut || valueCut || textBytes > limits.bodyBytesMax) {
      fail.error ??= new ApiError('too_large')
    } else parts.push(unescaped(name, value))
  })
  parser.on('file', (name, file, filename, _encoding, contentType) => {
    files.push(file)
    // The place in the list is taken now: parts keep their order while files are written.
    const part: [string, string | FilePart] = [name, '']
    parts.push(part)
    const staged = blobs.stage(file, limits.uploadBytesMax).then((blob) => {
      part[1] = filename ? new FilePart(filename, contentType, blob) : ''
      return filename ? undefined : blobs.discard(blob)
    })
    staging.push(
      staged.catch((error: unknown) => {
        fail.error ??= error
        file.resume()
      }),
    )
  })
  try {
    await finished(parser, stream)
    await Promise.all(staging)
    if (fail.error) throw fail.error
  } catch (error) {
    // A body that is broken off leaves its files without an end, which nobody may wait for.
    stream.unpipe(parser)
    stream.resume()
    for (const file of files) file.destroy()
    await Promise.allSettled(staging)
    await discardFiles(parts, blobs)
    throw error
  }
  return { kind: 'multipart', parts }
}

/**
 * One old client escapes names and values inside the parts as well. No name has a `%` otherwise,
 * and no JSON begins with one; of any other text nobody can tell whether it is meant so.
 */
function unescaped(name: string, value: string): [name: string, value: string] {
  if (name.includes('%')) return [decode(name), decode(value)]
  return [name, /^%(7B|5B)/i.test(value) ? decode(value) : value]
}

function makeParser(stream: IncomingMessage, limits: BodyLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...stream.headers, 'content-type': stream.headers['content-type'] ?? '' },
      limits: {
        fieldSize: limits.bodyBytesMax,
        files: FILES_MAX,
        parts: PARTS_MAX,
        fieldNameSize: 256,
      },
    })
  } catch (cause) {
    throw new ApiError('param_invalid', 'The multipart body has no boundary.', { cause })
  }
}

function finished(parser: BusboyInstance, stream: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const broken = (cause: unknown) =>
      reject(new ApiError('param_invalid', 'The multipart body is broken.', { cause }))
    parser.on('finish', resolve)
    parser.on('error', broken)
    parser.on('partsLimit', () => reject(new ApiError('too_large', 'The body has too many parts.')))
    parser.on('filesLimit', () => reject(new ApiError('too_large', 'The body has too many files.')))
    stream.on('error', broken)
    stream.on('aborted', () => broken(new Error('the client went away')))
    stream.pipe(parser)
  })
}

/** Removes what a call did not keep. Kept files have been given their names and are not there. */
export async function discardFiles(
  parts: readonly (readonly [string, unknown])[],
  blobs: BlobStore,
): Promise<void> {
  const files = parts.flatMap(([, value]) => (value instanceof FilePart ? [value] : []))
  await Promise.all(files.map((file) => blobs.discard(file.staged)))
}

/** Takes back what a method made of the files of a call that it then refused. */
export async function undoFiles(parts: readonly (readonly [string, unknown])[]): Promise<void> {
  const files = parts.flatMap(([, value]) => (value instanceof FilePart ? [value] : []))
  await Promise.all(files.map((file) => file.undo?.()))
}
