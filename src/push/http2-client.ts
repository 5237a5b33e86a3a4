import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'

export type Http2Request = {
  readonly method: 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

export type Http2Response = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

const CONNECT_MS = 10_000
/** For one request, from its start to the end of the answer. */
const REQUEST_MS = 30_000
/** A connection that was quiet for so long is tried with a ping before it is used. */
const PING_AFTER_MS = 60_000
const PING_MS = 5_000
const IDLE_MS = 10 * 60_000
const ANSWER_BYTES_MAX = 65_536

/**
 * One kept connection to a push service, opened with the first request and again when it is lost.
 * What the service has certainly not looked at is sent once more.
 */
export class Http2Client {
  readonly #origin: string
  readonly #tls: SecureClientSessionOptions
  #session: Promise<ClientHttp2Session> | null = null
  #usedAt = 0

  constructor(origin: string, tls: SecureClientSessionOptions = {}) {
    this.#origin = origin
    this.#tls = tls
  }

  /** @throws {Error} when there is no answer; whether the request arrived is then unknown */
  async request(request: Http2Request): Promise<Http2Response> {
    try {
      return await this.#try(request)
    } catch (error) {
      if (!(error instanceof Unprocessed) || request.signal.aborted) throw error
      return this.#try(request)
    }
  }

  close(): void {
    const session = this.#session
    this.#session = null
    session?.then(
      (one) => one.destroy(),
      () => undefined,
    )
  }

  async #try(request: Http2Request): Promise<Http2Response> {
    request.signal.throwIfAborted()
    const session = await this.#connected()
    let stream: ClientHttp2Stream
    try {
      stream = session.request(headersOf(request))
    } catch (cause) {
      this.#forget(session)
      throw new Unprocessed('the connection was closed', { cause })
    }
    return answerOf(stream, request, () => {
      // A connection on which nothing comes back is as good as lost, for the others on it too.
      this.#forget(session)
      session.destroy()
    })
  }

  async #connected(): Promise<ClientHttp2Session> {
    const isStale = this.#session && Date.now() - this.#usedAt > PING_AFTER_MS
    this.#usedAt = Date.now()
    if (isStale && this.#session) this.#session = this.#session.then(pinged)
    this.#session ??= this.#open()
    const opening = this.#session
    try {
      return await opening
    } catch (error) {
      if (this.#session === opening) this.#session = null
      throw error
    }
  }

  async #open(): Promise<ClientHttp2Session> {
    const session = connect(this.#origin, this.#tls)
    const lost = () => this.#forget(session)
    session.on('error', lost)
    session.on('goaway', lost)
    session.on('close', lost)
    await opened(session)
    session.setTimeout(IDLE_MS, () => {
      lost()
      session.close()
    })
    // Kept connections must not keep a stopped process alive.
    session.unref()
    return session
  }

  #forget(session: ClientHttp2Session): void {
    const kept = this.#session
    kept?.then(
      (one) => {
        if (one === session && this.#session === kept) this.#session = null
      },
      () => undefined,
    )
  }
}

/** The request was certainly not worked on, so that it may be sent again. */
class Unprocessed extends Error {
  override readonly name = 'Unprocessed'
}

function headersOf({ method, path, headers }: Http2Request): OutgoingHttpHeaders {
  return { ':method': method, ':path': path, ...headers }
}

function opened(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      session.destroy(new Error('the push service could not be reached in time'))
    }, CONNECT_MS)
    session.once('connect', () => {
      clearTimeout(timer)
      resolve()
    })
    session.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    session.once('close', () => {
      clearTimeout(timer)
      reject(new Error('the push service closed the connection'))
    })
  })
}

/** @throws {Error} when the other side does not answer; the session is closed then */
function pinged(session: ClientHttp2Session): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const give = (error: Error) => {
      session.destroy()
      reject(error)
    }
    const timer = setTimeout(() => give(new Error('the connection is dead')), PING_MS)
    const isSent =
      !session.closed &&
      session.ping((error) => {
        clearTimeout(timer)
        if (error) give(error)
        else resolve(session)
      })
    if (isSent) return
    clearTimeout(timer)
    give(new Error('the connection is closed'))
  })
}

function answerOf(
  stream: ClientHttp2Stream,
  { body, signal }: Http2Request,
  onSilence: () => void,
): Promise<Http2Response> {
  return new Promise((resolve, reject) => {
    let head: Http2Response['headers'] = {}
    let text = ''
    const timer = setTimeout(() => {
      stream.close(constants.NGHTTP2_CANCEL)
      reject(new Error('the push service did not answer in time'))
      onSilence()
    }, REQUEST_MS)
    const abort = () => stream.close(constants.NGHTTP2_CANCEL)
    signal.addEventListener('abort', abort, { once: true })
    stream.setEncoding('utf8')
    stream.on('response', (headers) => {
      head = headers as Http2Response['headers']
    })
    stream.on('data', (chunk: string) => {
      if (text.length < ANSWER_BYTES_MAX) text += chunk
    })
    stream.on('error', () => undefined)
    stream.on('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      const status = Number(head[':status'])
      if (Number.isInteger(status)) resolve({ status, headers: head, body: text })
      else reject(lostStream(stream))
    })
    stream.end(body)
  })
}

function lostStream(stream: ClientHttp2Stream): Error {
  const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
  const text = `the connection was lost (HTTP/2 code ${stream.rstCode})`
  return isRefused ? new Unprocessed(text) : new Error(text)
}
