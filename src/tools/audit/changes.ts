import { DEFAULT_SETTINGS } from '../../engine/backend.ts'
import { masked } from '../../lib/masked.ts'
import type { StoredRecord } from '../../storage/port.ts'

/** A member that became another; `null` where there was, or is, none. Secrets read `***`. */
export type MemberChange = {
  readonly member: string
  readonly from: unknown
  readonly to: unknown
}

/** Longer values are told by their beginning: the log is no backup. */
const SHOWN_MAX = 1000

/** What an entry tells of itself, and what only dates and names the last change. */
const TOLD_ELSEWHERE = [
  ...['createdBy', 'modifiedOn', 'modifiedBy', 'deletedOn', 'deletedBy'],
  'actionComment',
]

type Members = Readonly<Record<string, unknown>>

/** The members of which two states differ. */
export function changesBetween(before: Members, after: Members): MemberChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .filter((name) => textOf(before[name]) !== textOf(after[name]))
    .map((name) => ({
      member: name,
      from: shown(name, before[name]),
      to: shown(name, after[name]),
    }))
}

/** The change of something that is never shown. */
export function secretChange(member: string, from: unknown, to: unknown): MemberChange {
  const hide = (value: unknown) => (value === null || value === undefined ? null : '***')
  return { member, from: hide(from), to: hide(to) }
}

type Contents = Pick<StoredRecord, 'data' | 'hidden'>

/**
 * What became of an asset, or, with `null`, what a new one has. Of what is hidden only the settings
 * are told, each by its name; of the rest, that it is another one now.
 */
export function assetChanges(before: Contents | null, after: Contents): MemberChange[] {
  const [old, present] = [partsOf(before), partsOf(after)]
  const names = [...new Set([...Object.keys(old.secrets), ...Object.keys(present.secrets)])]
  const secrets = names
    .filter((name) => textOf(old.secrets[name]) !== textOf(present.secrets[name]))
    .map((name) => secretChange(name, old.secrets[name], present.secrets[name]))
  return [...changesBetween(old.shown, present.shown), ...secrets]
}

function partsOf(contents: Contents | null): {
  readonly shown: Members
  readonly secrets: Members
} {
  const data = JSON.parse(contents?.data ?? '{}') as Members
  const { settings = {}, ...secrets } = JSON.parse(contents?.hidden ?? '{}') as Members
  const told = Object.entries(data).filter(([name]) => !TOLD_ELSEWHERE.includes(name))
  // What was never set has its default, and became another from that.
  const all = Object.entries({ ...DEFAULT_SETTINGS, ...(settings as Members) })
  const set = all.map(([name, one]) => [`settings.${name}`, one])
  return { shown: Object.fromEntries([...told, ...set]), secrets }
}

/** Absent is as good as `null`. */
function textOf(value: unknown): string {
  return JSON.stringify(value ?? null)
}

function shown(name: string, value: unknown): unknown {
  const safe = masked(name, value)
  const text = JSON.stringify(safe)
  return text.length <= SHOWN_MAX ? safe : `${text.slice(0, SHOWN_MAX)}…`
}
