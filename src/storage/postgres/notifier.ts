import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { ChangedAddress, Listeners } from '../listeners.ts'
import { connectionOptions } from './pool.ts'

const CHANNEL = 'homeport_changes'
/** The server takes less than 8000 bytes. */
const PAYLOAD_BYTES_MAX = 7900
const RECONNECT_MS = 1000

/** `changes` is null when there were too many to name: then anything may have changed. */
type Message = { from: string; changes: [backendId: string, type: string, id: string][] | null }

/**
 * Tells the other servers on the database what was changed here, and hears it from them. A
 * notification is sent after the commit and not within it, since commits that notify wait for each
 * other; a server that died in between makes up for it by telling everybody to forget all when it
 * starts again.
 */
export class Notifier {
  readonly #url: string
  readonly #pool: pg.Pool
  readonly #listeners: Listeners
  readonly #self = randomBytes(6).toString('hex')
  #client: pg.Client | undefined
  #reconnect: NodeJS.Timeout | undefined
  #pending: ChangedAddress[] = []
  #missed = false
  #sending: Promise<void> | undefined
  #closed = false

  constructor(url: string, pool: pg.Pool, listeners: Listeners) {
    this.#url = url
    this.#pool = pool
    this.#listeners = listeners
  }

  async open(): Promise<void> {
    await this.#listen()
    this.#missed = true
    await this.#send()
  }

  /** Resolves at once: the notification follows. */
  tell(changes: readonly ChangedAddress[]): void {
    this.#pending.push(...changes)
    this.#sending ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#send())
      .finally(() => {
        this.#sending = undefined
      })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#reconnect)
    await this.#sending
    await this.#send()
    await this.#client?.end()
  }

  /** Sends until nothing is left; what came in meanwhile goes with the next message. */
  async #send(): Promise<void> {
    while (this.#missed || this.#pending.length > 0) {
      const payload = this.#payloadOf(this.#missed ? null : this.#pending)
      this.#pending = []
      this.#missed = false
      try {
        await this.#pool.query({
          name: 'notify',
          text: 'SELECT pg_notify($1, $2)',
          values: [CHANNEL, payload],
        })
      } catch {
        // The others will be told to forget everything, with the next change that gets through.
        this.#missed = true
        return
      }
    }
  }

  #payloadOf(changes: readonly ChangedAddress[] | null): string {
    const message: Message = {
      from: this.#self,
      changes: changes?.map(({ backendId, type, id }) => [backendId, type, id]) ?? null,
    }
    const payload = JSON.stringify(message)
    if (Buffer.byteLength(payload) <= PAYLOAD_BYTES_MAX) return payload
    return JSON.stringify({ ...message, changes: null })
  }

  #receive(payload: string): void {
    const { from, changes } = JSON.parse(payload) as Message
    if (from === this.#self) return
    this.#listeners.tellOf(
      (changes ?? []).map(([backendId, type, id]) => ({ backendId, type, id })),
    )
  }

  async #listen(): Promise<void> {
    const client = new pg.Client(connectionOptions(this.#url))
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''))
    client.on('error', () => this.#lose(client))
    client.on('end', () => this.#lose(client))
    await client.connect()
    await client.query(`LISTEN ${CHANNEL}`)
    this.#client = client
  }

  /** What was told meanwhile is lost, so everything counts as changed once it is back. */
  #lose(client: pg.Client): void {
    if (this.#closed || this.#client !== client) return
    this.#client = undefined
    this.#listeners.tellOf([])
    this.#scheduleReconnect()
  }

  #scheduleReconnect(): void {
    this.#reconnect = setTimeout(() => {
      this.#listen().then(
        () => this.#listeners.tellOf([]),
        () => this.#scheduleReconnect(),
      )
    }, RECONNECT_MS)
    this.#reconnect.unref()
  }
}
