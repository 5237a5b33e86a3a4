import type { BlobStore } from '../blobs/port.ts'
import type { Lockout } from '../lib/lockout.ts'
import type { Log } from '../lib/log.ts'
import type { Secret } from '../lib/secret.ts'
import type { Signer } from '../lib/signer.ts'
import type { Turns } from '../lib/turns.ts'
import type { Vault } from '../lib/vault.ts'
import type { MailSender } from '../mail/port.ts'
import type { PushGateways } from '../push/port.ts'
import type { Store, WriteOperation } from '../storage/port.ts'
import type { BackendSettings } from './backend.ts'
import type { Catalogue } from './catalogue.ts'
import type { RecordCache } from './record-cache.ts'

/** Everything that a method may use of the outside world. Made once, at start. */
export type EngineContext = {
  readonly store: Store
  readonly blobs: BlobStore
  readonly cache: RecordCache
  readonly catalogue: Catalogue
  readonly log: Log
  /** Lines up writers of one object, so that they need not lose races to each other. */
  readonly turns: Turns
  /** Slows down guessing of passwords. */
  readonly lockout: Lockout
  readonly mail: MailAccess
  readonly push: PushGateways
  /** For secrets of others that are kept in the database. */
  readonly vault: Vault
  /** Milliseconds since 1970. */
  now(): number
  /** Tells the job runner that a batch has put a job on the queue. */
  wakeJobs(): void
  readonly limits: EngineLimits
  /** Where clients reach this server, without a final slash; `null`: as the request says. */
  readonly publicUrl: string | null
  readonly signer: Signer
  readonly outside: OutsideAccess
  /**
   * Changes settings of a backend, checked as those that its owner sends.
   * @throws {ApiError} `param_invalid`
   */
  changeSettings(backendId: string, change: SettingsChange): Promise<BackendSettings>
  /** The entry of a deed in the audit log of the team, for the batch of what it tells of. */
  auditEntry(deed: Deed, doer: Doer, at: number): WriteOperation
}

/** Who does what belongs to the team, and in which request of the data API if in one. */
export type Doer = { readonly actor: string; readonly requestId?: string }

export type SettingsChange = Doer & { readonly changes: Readonly<Record<string, unknown>> }

/** Something that the team wants to read of later. */
export type Deed = {
  readonly actions: readonly string[]
  readonly target: { readonly type: string; readonly id: string; readonly name: string | null }
  /** Members that became others; no secrets. */
  readonly changes: readonly {
    readonly member: string
    readonly from: unknown
    readonly to: unknown
  }[]
}

/** What the server knows of, and may reach in, the world outside. */
export type OutsideAccess = {
  /** A MaxMind database; `null`: the one of countries that comes with the server. */
  readonly geoipDatabase: string | null
  /** Files may be fetched from addresses that are not public too. */
  readonly fetchesPrivate: boolean
  /** Hosts whose programs may answer calls of custom APIs, wherever they are. */
  readonly upstreamHosts: readonly string[]
  /** Where Facebook's Graph API answers, without a final slash. */
  readonly facebookUrl: string
}

export type EngineLimits = {
  readonly uploadBytesMax: number
}

export type MailAccess = {
  /** A way to send by the given server; without one, sending fails and says what to set. */
  sender(smtpUrl: Secret | null): MailSender
  /** The installation's own, for backends that set none. */
  readonly smtpUrl: Secret | null
  readonly from: string | null
}
