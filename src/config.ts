import { join, resolve } from 'node:path'
import { databaseUrl } from './config/database-url.ts'
import {
  choice,
  file,
  flag,
  folder,
  hosts,
  integer,
  type Kind,
  login,
  mailbox,
  secretText,
  smtpUrl,
  storageUrl,
  text,
  trustedProxies,
  webUrl,
} from './config/kinds.ts'
import { type Given, gather, PREFIX, type Sources } from './config/sources.ts'
import { Secret } from './lib/secret.ts'

type Setting<T, D extends T | undefined> = {
  readonly kind: Kind<T>
  readonly default: D
  /** The default in words, where it is not one value. */
  readonly defaultText: string
  /** One line, with the unit. docs/config.md has the same row and a test compares the two. */
  readonly about: string
}

function setting<T>(kind: Kind<T>, value: T, about: string): Setting<T, T> {
  return { kind, default: value, defaultText: kind.show(value), about }
}

function optional<T>(kind: Kind<T>, otherwise: string, about: string): Setting<T, undefined> {
  return { kind, default: undefined, defaultText: otherwise, about }
}

/** Every setting there is. The name in the environment has the prefix `HOMEPORT_`. */
export const SETTINGS = {
  HOST: setting(
    text('host name or address'),
    '127.0.0.1',
    'Address to listen on. 0.0.0.0 or :: lets other machines in.',
  ),
  PORT: setting(integer(0, 65_535), 8080, 'Port to listen on. 0 takes any free one.'),
  PUBLIC_URL: optional(
    webUrl,
    'as each request says',
    'Where clients reach the server. Used in links and to check OAuth signatures.',
  ),
  TRUST_PROXY: setting(
    trustedProxies,
    false,
    'Whose X-Forwarded-* headers are believed: set it behind a proxy, and only there.',
  ),
  DATA_DIR: {
    ...setting(folder, resolve('data'), 'Folder of the database, files and secrets.'),
    defaultText: './data',
  },
  DATABASE_URL: optional(databaseUrl, 'sqlite: in DATA_DIR', 'The database.'),
  DB_POOL_MAX: setting(
    integer(1, 1000),
    10,
    'Connections to PostgreSQL that are open at most; no meaning for SQLite.',
  ),
  DB_READERS: setting(
    integer(1, 64),
    2,
    'Threads that search the database; no meaning for PostgreSQL.',
  ),
  SECRET: optional(
    secretText(32),
    'made at first start, in DATA_DIR',
    'Signs temporary links. Several servers on one database must have the same.',
  ),
  STORAGE_URL: optional(storageUrl, 'files in DATA_DIR', 'Where uploaded files are kept.'),
  SMTP_URL: optional(smtpUrl, 'none: mail cannot be sent', 'The server that takes outgoing mail.'),
  MAIL_FROM: setting(
    mailbox,
    'homeport@localhost',
    'Sender of mail, unless a backend names its own.',
  ),
  GEOIP_DB: optional(
    file,
    'one of countries, which comes with the server',
    'A MaxMind database (.mmdb) for clients/geolocate; one of cities tells more.',
  ),
  FACEBOOK_URL: setting(
    webUrl,
    'https://graph.facebook.com',
    "Where Facebook's Graph API answers, with its version if need be.",
  ),
  FETCH_PRIVATE: setting(
    flag,
    false,
    'Let the server fetch files from loopback and private addresses too. Unsafe with strangers.',
  ),
  UPSTREAM_HOSTS: optional(
    hosts,
    'none',
    'Hosts that calls of custom APIs may be handed to although their addresses are private.',
  ),
  PUSH_APNS_URL: optional(
    webUrl,
    "Apple's servers",
    'Where pushes to iOS devices go: a relay, or a stand-in for tests.',
  ),
  PUSH_FCM_URL: optional(
    webUrl,
    "Google's servers",
    'Where pushes to Android devices go: a relay, or a stand-in for tests.',
  ),
  PUSH_TOKEN_URL: optional(
    webUrl,
    "Google's servers",
    'Where access tokens for pushes to Android devices are asked for.',
  ),
  PUSH_WEB_HOSTS: optional(
    hosts,
    "those of the browsers' makers",
    'Hosts of push services for browsers beside the known ones; their addresses may be private.',
  ),
  PUSH_CA_FILE: optional(
    file,
    'none',
    'Certificates (PEM) that push services may have besides the usual ones.',
  ),
  ADMIN_EMAIL: optional(
    login,
    'none',
    'Login of the first administrator, made when there is none.',
  ),
  ADMIN_PASSWORD: optional(secretText(8), 'none', 'Password of that administrator.'),
  LOG_LEVEL: setting(
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least severe messages that are logged.',
  ),
  UPLOAD_MAX_BYTES: setting(
    integer(1, 10_737_418_240),
    26_214_400,
    'Largest file that can be uploaded, in bytes.',
  ),
  BODY_MAX_BYTES: setting(
    integer(1024, 104_857_600),
    4_194_304,
    'Largest request without its files, in bytes.',
  ),
  REQUEST_TIMEOUT_MS: setting(
    integer(1000, 3_600_000),
    300_000,
    'Time to receive one whole request, uploads included, in milliseconds.',
  ),
  DRAIN_TIMEOUT_MS: setting(
    integer(0, 600_000),
    8000,
    'Time that running requests and jobs get to end when the server stops, in milliseconds.',
  ),
  OPENAPI_ENABLED: setting(flag, true, 'Offer /openapi.json and /docs.'),
} as const

export type SettingName = keyof typeof SETTINGS

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

type ValueOf<S> = S extends Setting<infer T, infer D> ? T | D : never
type Values = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> }

/** A setting as `config show` prints it: secrets hidden. */
export type ShownSetting = {
  readonly name: string
  readonly value: string
  /** `default`, `file homeport.yaml`, `environment HOMEPORT_PORT`, `flag --port`. */
  readonly origin: string
}

export type Config = ReturnType<typeof grouped> & { readonly shown: readonly ShownSetting[] }

/** The settings cannot be used; the message names every mistake, so that all are mended at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`Some settings are wrong:\n  ${problems.join('\n  ')}`)
    this.problems = problems
  }
}

/**
 * Reads the settings once, at start: defaults, then the file, the environment, the flags. Nothing
 * else in the program looks at the environment.
 * @throws {ConfigError}
 */
export async function readConfig(sources: Sources): Promise<Config> {
  const { given, problems: gathered } = await gather(SETTING_NAMES, sources)
  const problems = [...gathered]
  const values: Record<string, unknown> = {}
  const shown: ShownSetting[] = []
  for (const name of SETTING_NAMES) {
    const one: Setting<unknown, unknown> = SETTINGS[name]
    const from = given.get(name)
    values[name] = from ? parsed(one.kind, from, problems) : one.default
    const value = values[name] === undefined ? one.defaultText : one.kind.show(values[name])
    shown.push({ name: PREFIX + name, value, origin: from?.origin ?? 'default' })
  }
  if (problems.length === 0) problems.push(...contradictions(values as Values))
  if (problems.length > 0) throw new ConfigError(problems)
  return frozen({ ...grouped(values as Values), shown })
}

/** `undefined` when the text is wrong; the problem is then on the list. */
function parsed(kind: Kind<unknown>, given: Given, problems: string[]): unknown {
  try {
    return kind.parse(given.text)
  } catch (error) {
    const but = kind.secret ? '' : `, not "${given.text}"`
    problems.push(`${given.origin}: ${error instanceof Error ? error.message : error}${but}`)
    return undefined
  }
}

function contradictions(values: Values): string[] {
  const problems: string[] = []
  if ((values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined)) {
    problems.push('HOMEPORT_ADMIN_EMAIL and HOMEPORT_ADMIN_PASSWORD go together: set both or none')
  }
  return problems
}

function grouped(values: Values) {
  const dataDir = values.DATA_DIR
  const database = databaseOf(values)
  const { ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword } = values
  return {
    dataDir,
    database,
    /** The folder that one process at a time may use, because the database stands in it. */
    exclusiveDir: database.kind === 'sqlite' ? database.directory : null,
    secret: values.SECRET ?? null,
    http: {
      host: values.HOST,
      port: values.PORT,
      publicUrl: values.PUBLIC_URL ?? null,
      trustProxy: values.TRUST_PROXY,
      bodyMaxBytes: values.BODY_MAX_BYTES,
      uploadMaxBytes: values.UPLOAD_MAX_BYTES,
      requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
      drainTimeoutMs: values.DRAIN_TIMEOUT_MS,
      openapiEnabled: values.OPENAPI_ENABLED,
    },
    files: { directory: values.STORAGE_URL ?? join(dataDir, 'files') },
    mail: { smtpUrl: values.SMTP_URL ?? null, from: values.MAIL_FROM },
    outside: {
      geoipDatabase: values.GEOIP_DB ?? null,
      facebookUrl: values.FACEBOOK_URL,
      fetchesPrivate: values.FETCH_PRIVATE,
      upstreamHosts: values.UPSTREAM_HOSTS ?? [],
    },
    push: {
      apnsUrl: values.PUSH_APNS_URL ?? null,
      fcmUrl: values.PUSH_FCM_URL ?? null,
      tokenUrl: values.PUSH_TOKEN_URL ?? null,
      webHosts: values.PUSH_WEB_HOSTS ?? [],
      caFile: values.PUSH_CA_FILE ?? null,
    },
    admin: adminEmail && adminPassword ? { email: adminEmail, password: adminPassword } : null,
    log: { level: values.LOG_LEVEL },
  }
}

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly directory: string; readonly readers: number }
  | { readonly kind: 'postgres'; readonly url: Secret; readonly poolMax: number }

function databaseOf(values: Values): DatabaseConfig {
  const chosen = values.DATABASE_URL
  if (chosen?.kind === 'postgres') return { ...chosen, poolMax: values.DB_POOL_MAX }
  return {
    kind: 'sqlite',
    directory: chosen?.directory ?? values.DATA_DIR,
    readers: values.DB_READERS,
  }
}

/** What the store is opened with: the database's URL in clear, so not to be kept or logged. */
export function storeOptions({ database }: Config) {
  return database.kind === 'sqlite' ? database : { ...database, url: database.url.reveal() }
}

/** Freezes plain objects and lists, all the way down. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
