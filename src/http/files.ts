import type { FastifyInstance, FastifyReply } from 'fastify'
import type { BlobContent, BlobStore } from '../blobs/port.ts'

/** The folders of a backend that hold what anyone with the address may see. */
const PUBLIC_KEY =
  /^[0-9a-f-]{36}\/photos(?:\/[A-Za-z0-9_-]+){4}\/photo_[A-Za-z0-9_-]+\.(jpg|png|gif)$/

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
}

const YEAR_S = 31_536_000

/** Photos, by addresses that cannot be guessed; a changed picture has a new one. */
export function mountFiles(app: FastifyInstance, blobs: BlobStore): void {
  app.get<{ Params: { '*': string } }>('/files/*', async (request, reply) => {
    const key = request.params['*']
    const [, extension = ''] = PUBLIC_KEY.exec(key) ?? []
    const range = extension ? rangeOf(request.headers.range) : undefined
    const blob = extension ? await blobs.read(key, range) : null
    if (!blob) return reply.code(404).send('There is no such file.\n')
    reply
      .type(CONTENT_TYPES[extension] ?? 'application/octet-stream')
      .header('cache-control', `public, max-age=${YEAR_S}, immutable`)
      .header('last-modified', new Date(blob.modifiedAt).toUTCString())
      .header('accept-ranges', 'bytes')
      .header('access-control-allow-origin', '*')
      .header('x-content-type-options', 'nosniff')
    return sendContent(reply, blob, range)
  })
}

type Range = { readonly start: number; readonly end?: number }

/** A single range from a start; other forms are answered with the whole file, as allowed. */
function rangeOf(header: string | undefined): Range | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '')
  if (!match) return undefined
  const start = Number(match[1])
  if (match[2] === '') return { start }
  const end = Number(match[2])
  return end >= start ? { start, end } : undefined
}

function sendContent(
  reply: FastifyReply,
  blob: BlobContent,
  range: Range | undefined,
): FastifyReply {
  const { sizeBytes, stream } = blob
  if (!range) return reply.header('content-length', sizeBytes).send(stream)
  if (range.start >= sizeBytes) {
    stream.destroy()
    return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send()
  }
  const last = Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1)
  return reply
    .code(206)
    .header('content-range', `bytes ${range.start}-${last}/${sizeBytes}`)
    .header('content-length', last - range.start + 1)
    .send(stream)
}
