import { createHash, generateKeyPairSync } from 'node:crypto'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { SERVER_CERTIFICATE, SERVER_KEY, TEST_CA } from './push-certificates.ts'

export type Received = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  readonly bytes: Buffer
  /** The connection that it came on: the same number, the same connection. */
  readonly connection: number
  /** The common name of the certificate that the client showed. */
  readonly client: string | undefined
}

export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Respond = (received: Received) => Answer | Promise<Answer>

/** Google's answer to whoever asks for an access token, and everybody's to a good push. */
function contented({ path, headers }: Received): Answer {
  if (path === '/token') {
    return { status: 200, body: { access_token: 'ya29.test', expires_in: 3600 } }
  }
  if (path.startsWith('/v1/projects/')) {
    return { status: 200, body: { name: 'projects/p/messages/1' } }
  }
  if (path.startsWith('/3/device/')) {
    return { status: 200, headers: { 'apns-id': headers['apns-id'] ?? '' } }
  }
  return { status: 201 }
}

/** All push services in one, on this machine: HTTP/2 and HTTP/1.1 with TLS. Keeps what it gets. */
export class PushStandIn {
  readonly received: Received[] = []
  /** How the next requests are answered; `null`: contentedly. */
  respond: ((received: Received) => Answer | Promise<Answer> | undefined) | null = null
  readonly #server: Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()
  #connections = 0

  private constructor(server: Http2SecureServer) {
    this.#server = server
  }

  static async start(options: { readonly keeps?: boolean } = {}): Promise<PushStandIn> {
    const server = createSecureServer({
      key: SERVER_KEY,
      cert: SERVER_CERTIFICATE,
      ca: TEST_CA,
      requestCert: true,
      rejectUnauthorized: false,
      allowHTTP1: true,
      settings: { maxConcurrentStreams: 1000 },
    })
    const standIn = new PushStandIn(server)
    standIn.#listen(options.keeps ?? true)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return standIn
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** How often a client connected by HTTP/2. */
  get connections(): number {
    return this.#connections
  }

  /** What came to paths that begin so, newest last. */
  to(path: string): Received[] {
    return this.received.filter((one) => one.path.startsWith(path))
  }

  forget(): void {
    this.received.length = 0
    this.respond = null
  }

  /** Ends all connections, as a service does now and then. */
  hangUp(): void {
    for (const session of this.#sessions) session.destroy()
  }

  async close(): Promise<void> {
    this.hangUp()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #listen(keeps: boolean): void {
    const numbers = new WeakMap<object, number>()
    this.#server.on('session', (session) => {
      this.#connections += 1
      numbers.set(session, this.#connections)
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
      session.on('error', () => undefined)
    })
    this.#server.on('request', (request, reply) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', async () => {
        const session = request.stream?.session
        const bytes = Buffer.concat(chunks)
        const socket = (session?.socket ?? request.socket) as TLSSocket
        const received: Received = {
          method: request.method,
          path: request.url,
          headers: request.headers as Received['headers'],
          body: bytes.toString(),
          bytes,
          connection: session ? (numbers.get(session) ?? 0) : 0,
          client: commonName(socket),
        }
        if (keeps) this.received.push(received)
        const respond: Respond = async (one) => (await this.respond?.(one)) ?? contented(one)
        const { status, headers = {}, body } = await respond(received)
        if (request.stream?.destroyed) return
        reply.writeHead(status, { ...headers })
        reply.end(body === undefined ? '' : JSON.stringify(body))
      })
    })
  }
}

function commonName(socket: TLSSocket): string | undefined {
  const name = socket.getPeerCertificate()?.subject?.CN
  return Array.isArray(name) ? name[0] : name
}

/** Keys of every kind, made for one run of the tests. */
export const apnsKeys = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export const googleKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export const APNS_GIVEN = {
  ...{ environment: 'sandbox', topic: 'org.example.port', keyId: 'ABCDE12345' },
  ...{ teamId: 'TEAM123456', key: apnsKeys.privateKey },
} as const

export const SERVICE_ACCOUNT = {
  project_id: 'port-7',
  client_email: 'push@port-7.iam.gserviceaccount.com',
  private_key: googleKeys.privateKey,
} as const

/** 64 hex digits that nobody else has. */
export function iosToken(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}
