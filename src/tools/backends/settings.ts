import { type BackendSettings, backendOf, DEFAULT_SETTINGS } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { maskedUrl } from '../../lib/masked.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { type ChangeOptions, changeAsset } from '../assets/change.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { backendAssetOf, hiddenOf } from './backend.ts'
import { readBackendRecord } from './read.ts'

type Check = {
  readonly holds: (value: unknown) => boolean
  readonly form: string
  /** What someone means who can only write text. */
  readonly fromText: (text: string) => unknown
}

const flag: Check = {
  holds: (value) => typeof value === 'boolean',
  form: 'true or false',
  fromText: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
}

const LIST_MAX = 50

/** One for each setting of the data API: the type says that none is missing. */
const CHECKS: Readonly<Record<keyof BackendSettings, Check>> = {
  mbsRelease: textLike(/^\d{1,4}(\.\d{1,4}){0,3}$/, 'a release such as 1.6.5'),
  sessionIdleDays: wholeNumber(1, 3650),
  newUserVerification: flag,
  allowUserCreation: flag,
  friendsTwoWay: flag,
  perPageMax: wholeNumber(1, 1000),
  deleteByGet: flag,
  mailFrom: nullable(textLike(/^[^\0\r\n]{3,320}$/, 'an address on one line')),
  smtpUrl: nullable(textLike(/^smtps?:\/\/[^\s\0]{1,2000}$/, 'smtp://host:port or smtps://host')),
  mailTestMode: flag,
  mailTestAddress: nullable(textLike(/^[^\s\0@]{1,64}@[^\s\0@]{1,255}$/, 'a mail address')),
  templateMailsPerHour: wholeNumber(0, 1_000_000),
  facebookAppId: nullable(textLike(/^\d{1,32}$/, 'the number of a Facebook app')),
  pushesPerHour: wholeNumber(0, 1_000_000),
  notifyTokensAdminOnly: flag,
  rolesAdminOnly: flag,
  trustedAccountTypes: listOf(textLike(/^[a-z][a-z0-9_.-]{0,49}$/, 'a type such as twitter')),
}

/**
 * Changes settings of a backend's data API: those that are named, the others stay. Also of a
 * published one, since they are the owner's and no part of what was published.
 *
 * @returns all settings as they are now
 * @throws {ApiError} `asset_unknown`, `param_invalid` naming every wrong setting, `conflict`
 */
export async function updateBackendSettings(
  tools: ToolsContext,
  id: string,
  options: SettingsChange,
): Promise<BackendSettings> {
  return backendOf(await writeSettings(tools, id, options)).settings
}

type Settings = Readonly<Record<string, unknown>>

type SettingsChange = ChangeOptions & { readonly changes: Settings }

/** Settings as they may be shown, and the state of the backend that they are of. */
export type ShownSettings = { readonly etag: string; readonly settings: BackendSettings }

/** @throws {ApiError} `asset_unknown` */
export async function readSettings(tools: ToolsContext, id: string): Promise<ShownSettings> {
  return shown(await readBackendRecord(tools, id))
}

/** As {@link updateBackendSettings}, for people. @throws {ApiError} `etag_stale`, too */
export async function changeSettings(
  tools: ToolsContext,
  id: string,
  options: SettingsChange,
): Promise<ShownSettings> {
  return shown(await writeSettings(tools, id, options))
}

function shown(record: StoredRecord): ShownSettings {
  return { etag: String(record.version), settings: withoutSecrets(backendOf(record).settings) }
}

async function writeSettings(
  tools: ToolsContext,
  id: string,
  { changes, ...options }: SettingsChange,
): Promise<StoredRecord> {
  checkSettings(changes)
  await readBackendRecord(tools, id)
  return changeAsset(tools, id, options, (before) => {
    outcomeOf(backendAssetOf(before), 'configure')
    const wanted = unmasked(changes, backendOf(before).settings)
    return {
      hidden: { settings: { ...hiddenOf(before).settings, ...wanted } },
      happenings: [
        { action: 'UPDATED', changed: Object.keys(changes).map((one) => `settings.${one}`) },
      ],
    }
  })
}

/** The password of the mail server stays here. */
function withoutSecrets({ smtpUrl, ...settings }: BackendSettings): BackendSettings {
  return { ...settings, smtpUrl: smtpUrl === null ? null : maskedUrl(smtpUrl) }
}

/**
 * Who sends back what they were shown means the password that there is.
 *
 * @throws {ApiError} `param_invalid` for a password that nobody knows
 */
function unmasked(changes: Settings, present: BackendSettings): Settings {
  const { smtpUrl } = changes
  if (typeof smtpUrl !== 'string' || !smtpUrl.includes(':***@')) return changes
  if (smtpUrl === withoutSecrets(present).smtpUrl) return { ...changes, smtpUrl: present.smtpUrl }
  throw new ApiError('param_invalid', "'smtpUrl' has *** in place of its password; send it whole.")
}

/**
 * Settings from text, as commands have them: `perPageMax` from `50`. What is none is left to the
 * checks.
 */
export function settingsFromText(given: Readonly<Record<string, string>>): Settings {
  const entries = Object.entries(given).map(([name, text]) => [
    name,
    checkOf(name)?.fromText(text) ?? null,
  ])
  return Object.fromEntries(entries)
}

/** @throws {ApiError} `param_invalid` */
export function checkSettings(changes: Readonly<Record<string, unknown>>): void {
  const problems: Problems = []
  for (const [name, value] of Object.entries(changes)) {
    const check = checkOf(name)
    if (!check) {
      const known = Object.keys(DEFAULT_SETTINGS).join(', ')
      problems.push(`${quoted(name)} is not a setting; there are ${known}.`)
    } else if (!check.holds(value)) problems.push(`${quoted(name)} must be ${check.form}.`)
  }
  refuseIfAny(problems)
}

function checkOf(name: string): Check | undefined {
  return Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof BackendSettings] : undefined
}

function textLike(pattern: RegExp, form: string): Check {
  return {
    holds: (value) => typeof value === 'string' && pattern.test(value),
    form,
    fromText: (text) => text,
  }
}

function nullable({ holds, form, fromText }: Check): Check {
  return {
    holds: (value) => value === null || holds(value),
    form: `${form}, or null`,
    fromText: (text) => (text === '' || text === 'null' ? null : fromText(text)),
  }
}

function listOf(check: Check): Check {
  const holds = (value: unknown) =>
    Array.isArray(value) && value.length <= LIST_MAX && value.every(check.holds)
  const fromText = (text: string) => text.split(',').filter((one) => one !== '')
  return { holds, form: `a list of at most ${LIST_MAX}, each ${check.form}`, fromText }
}

function wholeNumber(least: number, most: number): Check {
  const holds = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  const fromText = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)
  return { holds, form: `a whole number from ${least} to ${most}`, fromText }
}
