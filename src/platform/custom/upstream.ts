import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { type Readable, Transform } from 'node:stream'
import { ApiError } from '../../errors.ts'
import { isNamedHost } from '../../lib/host-patterns.ts'
import { isPublicAddress } from '../../lib/public-address.ts'
import { publicLookup } from '../../lib/public-fetch.ts'
import { HOP_BY_HOP, OF_THE_ORIGIN } from './own-headers.ts'

export type HandedOn = {
  readonly method: string
  /** With its query, as it came. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** What the program is told besides. */
  readonly told: Readonly<Record<string, string>>
  readonly body: Readable | null
  readonly bytesMax: number
  readonly timeoutMs: number
  /** Hosts whose addresses may be private. */
  readonly trustedHosts: readonly string[]
  readonly signal: AbortSignal
}

/** What a caller proves itself with, or would pass itself off as. */
const KEPT_BACK =
  /^(?:host|authorization|cookie|expect|oracle-mobile-(?:user|backend)-.*|oracle-mobile-social-access-token)$/

/**
 * Hands a call on to a program elsewhere, and gives its answer as it comes. The caller reads the
 * stream to its end or destroys it.
 *
 * @throws {ApiError} `upstream_failed`, `upstream_timeout`, `too_large`
 */
export function handOn(upstreamUrl: string, call: HandedOn): Promise<IncomingMessage> {
  const url = new URL(upstreamUrl)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isTrusted = isNamedHost(url, call.trustedHosts)
  // An address that is written out is never looked up.
  if (!isTrusted && isIP(host) !== 0 && !isPublicAddress(host)) {
    throw failed(new Error('the address is not on the public internet'))
  }
  const isSecure = url.protocol === 'https:'
  const { promise, resolve, reject } = promiseOf<IncomingMessage>()
  const sent = (isSecure ? requestHttps : requestHttp)({
    // No connection is kept for the next call: it was checked for this, and may be shut meanwhile.
    agent: false,
    ...{ protocol: url.protocol, hostname: host, port: url.port, method: call.method },
    path: `${url.pathname.replace(/\/+$/, '')}${call.path}`,
    headers: { ...passedHeaders(call.headers, KEPT_BACK), ...call.told },
    signal: call.signal,
    ...(!isTrusted && { lookup: publicLookup }),
  })
  const timer = setTimeout(() => sent.destroy(new ApiError('upstream_timeout')), call.timeoutMs)
  sent.setTimeout(call.timeoutMs, () => sent.destroy(new ApiError('upstream_timeout')))
  sent.on('response', (reply) => {
    clearTimeout(timer)
    resolve(reply)
  })
  sent.on('error', (error) => {
    clearTimeout(timer)
    reject(error instanceof ApiError ? error : failed(error))
  })
  if (call.body) call.body.pipe(limited(call.bytesMax, (error) => sent.destroy(error))).pipe(sent)
  else sent.end()
  return promise
}

/** The headers of an answer that go back to the client. */
export function answerHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  return passedHeaders(headers, OF_THE_ORIGIN)
}

function passedHeaders(
  headers: IncomingHttpHeaders,
  keptBack: RegExp,
): Record<string, string | string[]> {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const passed = Object.entries(headers).filter(
    ([name]) => !HOP_BY_HOP.test(name) && !keptBack.test(name) && !named.includes(name),
  )
  return Object.fromEntries(passed.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** Lets so many bytes through, and then complains. */
function limited(bytesMax: number, complain: (error: Error) => void): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= bytesMax) return done(null, chunk)
      complain(new ApiError('too_large', `At most ${bytesMax} bytes are taken.`))
      return done()
    },
  })
}

function failed(cause: Error): ApiError {
  return new ApiError('upstream_failed', undefined, { cause })
}

function promiseOf<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}
