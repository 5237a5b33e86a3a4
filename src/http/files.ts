import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BlobContent } from '../blobs/port.ts'
import { isGoodQuery } from '../engine/blob-links.ts'
import type { EngineContext } from '../engine/context.ts'

/** Pictures: anyone with the address may see them. */
const PICTURE =
  /^[0-9a-f-]{36}\/photos(?:\/[A-Za-z0-9_-]+){4}\/photo_[A-Za-z0-9_-]+\.(?:jpg|png|gif)$/

/** Files of any kind; the private ones are sent only by an address that was signed. */
const FILE =
  /^[0-9a-f-]{36}\/files(?:\/[0-9a-f]{2}){2}\/[0-9a-f]{24}\/(private-)?[0-9a-f]{16}\/(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/** What may be shown or played where it is linked. Of everything else a browser gets the bytes. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ...{ jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', gif: 'image/gif' },
  ...{ webp: 'image/webp', mp3: 'audio/mpeg', m4a: 'audio/mp4', ogg: 'audio/ogg' },
  ...{ wav: 'audio/wav', mp4: 'video/mp4', m4v: 'video/mp4', mov: 'video/quicktime' },
  ...{ webm: 'video/webm', pdf: 'application/pdf', zip: 'application/zip' },
  ...{ json: 'application/json', txt: 'text/plain; charset=utf-8', csv: 'text/csv; charset=utf-8' },
}

const YEAR_S = 31_536_000

type Request = FastifyRequest<{
  Params: { '*': string }
  Querystring: { expires?: unknown; signature?: unknown }
}>

/** Blobs, by addresses that cannot be guessed; a changed content has a new one. */
export function mountFiles(app: FastifyInstance, context: EngineContext): void {
  app.get('/files/*', async (request: Request, reply) => {
    const key = request.params['*']
    const access = accessTo(context, key, request.query)
    const range = access ? rangeOf(request.headers.range) : undefined
    const blob = access ? await context.blobs.read(key, range) : null
    if (!access || !blob) return reply.code(404).send('There is no such file.\n')
    reply
      .type(CONTENT_TYPES[extensionOf(key)] ?? 'application/octet-stream')
      .header('cache-control', access.cacheControl)
      .header('last-modified', new Date(blob.modifiedAt).toUTCString())
      .header('accept-ranges', 'bytes')
      .header('access-control-allow-origin', '*')
      .header('x-content-type-options', 'nosniff')
    if (access.isForeign) {
      reply
        .header('content-disposition', `attachment; filename="${key.split('/').at(-1)}"`)
        .header('content-security-policy', "default-src 'none'; sandbox")
    }
    return sendContent(reply, blob, range)
  })
}

type Access = {
  readonly cacheControl: string
  /** Its content was looked at by nobody: it must not run as a page of this server. */
  readonly isForeign: boolean
}

/** `null` for what is not sent, or not by this address any more. */
function accessTo(context: EngineContext, key: string, query: Request['query']): Access | null {
  const forever = `public, max-age=${YEAR_S}, immutable`
  if (PICTURE.test(key)) return { cacheControl: forever, isForeign: false }
  const found = FILE.exec(key)
  if (!found) return null
  if (!found[1]) return { cacheControl: forever, isForeign: true }
  const isGood = isGoodQuery(context.signer, key, query, context.now())
  return isGood ? { cacheControl: 'private, no-store', isForeign: true } : null
}

function extensionOf(key: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(key)?.[1]?.toLowerCase() ?? ''
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
