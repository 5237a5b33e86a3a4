/** What goes to devices: text, or members that the services know and members of the app's own. */
export type Payload = {
  readonly known: Readonly<Record<string, unknown>>
  readonly custom: Readonly<Record<string, unknown>>
  readonly badge: BadgeChange | null
}

/** Sets the number, or adds to it. */
export type BadgeChange = { readonly op: 'set' | 'add'; readonly by: number }

const KNOWN = new Set([
  ...['alert', 'badge', 'sound', 'category', 'content-available'],
  ...['icon', 'title', 'vibrate'],
])

/** Highest badge that any change leads to; the devices' own counters hold 32 bits. */
const BADGE_MAX = 2_147_483_647

/** Plain text, or JSON that is no hash, is the alert. */
export function parsePayload(text: string): Payload {
  const members = hashOf(text) ?? { alert: text }
  const entries = Object.entries(members)
  return {
    known: Object.fromEntries(entries.filter(([name]) => KNOWN.has(name) && name !== 'badge')),
    custom: Object.fromEntries(entries.filter(([name]) => !KNOWN.has(name))),
    badge: parseBadge(members.badge),
  }
}

function hashOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isHash(value) ? value : null
  } catch {
    return null
  }
}

/** `5`, `+2`, `-1`; `null` for what is none of these. In a form that lost its plus, a blank is one. */
export function parseBadge(value: unknown): BadgeChange | null {
  const match = /^([+ -]?)(\d{1,10})$/.exec(String(value ?? ''))
  if (!match) return null
  const by = Math.min(BADGE_MAX, Number(match[2]))
  if (!match[1]) return { op: 'set', by }
  return { op: 'add', by: match[1] === '-' ? -by : by }
}

/** A badge never falls below zero. */
export function changedBadge(present: number, change: BadgeChange): number {
  const wanted = change.op === 'set' ? change.by : present + change.by
  return Math.max(0, Math.min(BADGE_MAX, wanted))
}

/** Nothing to see or hear: only the app itself is told. */
export function isSilent({ known, badge }: Payload): boolean {
  const shown = [known.alert, known.title, known.sound]
  return badge === null && shown.every((one) => one === undefined)
}

/** What is wrong with a payload, or `null`. */
export function payloadProblem(text: string): string | null {
  const badge = hashOf(text)?.badge
  const isRight = badge === undefined || parseBadge(badge) !== null
  return isRight ? null : 'Invalid payload parameter; badge must be a number, +number or -number'
}

/**
 * JSON text as a device of a type gets it: known members under `aps` on iOS and under `android` on
 * Android, custom ones beside it. Browsers get all side by side, as they were sent.
 *
 * @param badge the device's own number, where the payload changes it
 */
export function bodyFor(type: string, payload: Payload, badge: number | null): string {
  const { known, custom } = payload
  const own = {
    // Apple wakes the app for a notification that shows nothing only if this says so.
    ...(type === 'ios' && isSilent(payload) ? { 'content-available': 1 } : {}),
    ...known,
    ...(badge === null ? {} : { badge }),
  }
  if (type === 'web') return JSON.stringify({ ...custom, ...own })
  const group = type === 'ios' ? 'aps' : 'android'
  const { [group]: given, ...rest } = custom
  return JSON.stringify({ [group]: isHash(given) ? { ...given, ...own } : own, ...rest })
}

function isHash(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
