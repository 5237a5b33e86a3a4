import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { PlatformContext } from '../context.ts'
import { conditionsIn, isKnown, requireConditions } from './conditions.ts'
import { metadataHeaders, requireAccepted } from './headers.ts'
import {
  contentKey,
  objectAddress,
  objectOf,
  type Space,
  type StoredObject,
  tagOf,
} from './object.ts'
import { type Range, rangeIn } from './range.ts'

export type Wanted = {
  readonly space: Space
  readonly id: string
  readonly request: Pick<FastifyRequest, 'headers' | 'method'>
}

/** Between reading the record and opening its file the object may change, and rarely twice. */
const TRIES = 5

/**
 * Sends an object, or a part of it, or that the client has it already.
 *
 * @throws {ApiError} `stored_object_unknown`, `etag_stale`, `not_acceptable`, `range_invalid`
 */
export async function sendObject(
  context: PlatformContext,
  { space, id, request }: Wanted,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers, method } = request
  for (let tries = 1; ; tries += 1) {
    const address = objectAddress(space, id)
    const object = objectOf(await context.store.get(address))
    if (!object) throw new ApiError('stored_object_unknown')
    const conditions = conditionsIn(headers)
    reply.headers(metadataHeaders(object))
    requireConditions({ ...conditions, ifNoneMatch: null }, object)
    if (isKnown(conditions, object)) return reply.code(304).send()
    requireAccepted(headers.accept, object)
    const range = wantedRange(headers, object, reply)
    // Nothing is opened for whoever asks only what it is; an empty stream keeps the length.
    if (method === 'HEAD') return describe(reply, object, range).send(Readable.from([]))
    const key = contentKey(address, object.revision)
    const content = await context.blobs.read(key, range ?? undefined)
    if (content) return describe(reply, object, range).send(content.stream)
    if (tries >= TRIES) throw new Error(`the bytes of ${key} are missing`)
  }
}

/** @throws {ApiError} `range_invalid` */
function wantedRange(
  headers: FastifyRequest['headers'],
  object: StoredObject,
  reply: FastifyReply,
): Range | null {
  const ifRange = headers['if-range']?.toString()
  // Parts of two states make no whole; a date is too coarse to tell them apart.
  if (ifRange !== undefined && ifRange !== tagOf(object)) return null
  const range = rangeIn(headers.range, object.contentLength)
  if (range !== 'beyond') return range
  reply.header('content-range', `bytes */${object.contentLength}`)
  throw new ApiError('range_invalid')
}

function describe(reply: FastifyReply, object: StoredObject, range: Range | null): FastifyReply {
  const { contentLength, contentType } = object
  reply
    .code(range ? 206 : 200)
    .header('content-type', contentType)
    .header('content-length', range ? range.end - range.start + 1 : contentLength)
    .header('accept-ranges', 'bytes')
    // Nobody looked at what it is: it must not run as a page of this server.
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
  if (!range) return reply
  return reply.header('content-range', `bytes ${range.start}-${range.end}/${contentLength}`)
}
