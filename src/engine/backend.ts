import { Secret } from '../lib/secret.ts'
import type { Claim, StoredRecord } from '../storage/port.ts'

/**
 * The tenant of everything that belongs to the installation and not to one backend: the backends
 * themselves, team members, tokens. No data API call can name it.
 */
export const INSTANCE = 'homeport'

/** The record type of a mobile backend, in the tenant {@link INSTANCE}. */
export const BACKEND_TYPE = 'mobilebackend'

/** What an owner may set about the data API of a backend. Absent members take these defaults. */
export const DEFAULT_SETTINGS = {
  /** The service release under which the app was made; it decides paging, depth, photo sizes. */
  mbsRelease: '1.6.5',
  /** Sessions end after being unused for so many days. */
  sessionIdleDays: 90,
  /** New users must confirm their e-mail address before they can log in. */
  newUserVerification: false,
  /** Anyone with the key may create users; otherwise only application administrators. */
  allowUserCreation: true,
  /** Friendship needs consent of both; otherwise it is following. */
  friendsTwoWay: true,
  /** Largest `per_page`. */
  perPageMax: 100,
  /** GET on calls that delete, for clients that know no other verb. Unsafe with cookies. */
  deleteByGet: false,
  /** Sender of mails, and the SMTP server if it is not the installation's. */
  mailFrom: null as string | null,
  smtpUrl: null as string | null,
  /** Mails go to the test address instead of to their recipients, or nowhere when there is none. */
  mailTestMode: false,
  mailTestAddress: null as string | null,
  /** Mails from templates that clients may have sent in an hour, one for each recipient. */
  templateMailsPerHour: 500,
  /** The Facebook app whose tokens log users in; without one, none do. */
  facebookAppId: null as string | null,
  /** Types of external accounts that are believed without proof: whoever knows an id gets in. */
  trustedAccountTypes: [] as readonly string[],
  /** Only application administrators may push to devices by their tokens. */
  notifyTokensAdminOnly: false,
}

export type BackendSettings = Readonly<typeof DEFAULT_SETTINGS>

/** A mobile backend of the Hub, which is an app of MBS: one tenant, its keys shared by both. */
export type Backend = {
  /** UUID: the tenant of all its data. */
  readonly id: string
  readonly name: string
  readonly version: string
  readonly title: string | null
  readonly published: boolean
  readonly inTrash: boolean
  readonly inactive: boolean
  /** The OAuth door: two-legged OAuth 1.0 and bearer tokens. */
  readonly oauth: boolean
  /** The plain door: the App Key alone, and HTTP Basic. */
  readonly basicAuth: boolean
  /** Also the App Key and the OAuth consumer key; `null` when revoked. */
  readonly clientId: string | null
  readonly clientSecret: Secret | null
  readonly basicAuthBackendId: string | null
  readonly settings: BackendSettings
}

/** The claim by which a call with an App Key finds its backend. */
export function clientIdClaim(clientId: string): Claim {
  return { scope: `${BACKEND_TYPE}.clientId`, value: clientId }
}

/** The claim by which a call with `Oracle-Mobile-Backend-ID` finds its backend. */
export function basicAuthClaim(basicAuthBackendId: string): Claim {
  return { scope: `${BACKEND_TYPE}.basicAuthBackendId`, value: basicAuthBackendId }
}

/** Reads the record that `tools/backends` writes. */
export function backendOf(record: StoredRecord): Backend {
  const data = JSON.parse(record.data) as Record<string, unknown>
  const hidden = JSON.parse(record.hidden ?? '{}') as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const secret = text(hidden.clientSecret)
  return {
    id: record.id,
    name: String(data.name),
    version: String(data.version),
    title: text(data.title),
    published: data.published === true,
    inTrash: data.inTrash === true,
    inactive: data.inactive === true,
    oauth: data.oauth !== false,
    basicAuth: data.basicAuth !== false,
    clientId: text(data.clientId),
    clientSecret: secret === null ? null : new Secret(secret),
    basicAuthBackendId: text(data.basicAuthBackendId),
    settings: { ...DEFAULT_SETTINGS, ...(hidden.settings as Partial<BackendSettings>) },
  }
}
