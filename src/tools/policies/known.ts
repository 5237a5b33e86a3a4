import { ApiError } from '../../errors.ts'
import { DEFAULT_VERSION, VERSION } from '../assets/fields.ts'
import type { ToolsContext } from '../context.ts'
import { type Scope, valueFor } from './policy.ts'

/** The states of assets that an `Asset_Allow...` policy lets be treated so. */
const ALLOWED = ['all', 'none', 'draft', 'published'] as const

const TIMEOUT_MAX_MS = 600_000

const KNOWN: Readonly<
  Record<string, { readonly holds: (value: string) => boolean; readonly form: string }>
> = {
  Asset_DefaultInitialVersion: {
    holds: (value) => value.length <= VERSION.charactersMax && VERSION.pattern.test(value),
    form: VERSION.form,
  },
  Asset_AllowTrash: oneOf('All', 'None', 'Draft', 'Published'),
  Asset_AllowUntrash: oneOf('All', 'None', 'Draft', 'Published'),
  Asset_AllowPurge: oneOf('All', 'None', 'Draft', 'Published'),
  Routing_BindApiToImpl: {
    // Exports have it empty where nothing is bound.
    holds: (value) => value === '' || /^[A-Za-z]\w*\([A-Za-z0-9][\w.]*\)$/.test(value),
    form: 'the name of an implementation with its version, such as orders(1.1)',
  },
  Network_HttpRequestTimeout: {
    holds: (value) => /^[1-9]\d{0,6}$/.test(value) && Number(value) <= TIMEOUT_MAX_MS,
    form: `a whole number of milliseconds up to ${TIMEOUT_MAX_MS}`,
  },
}

/** How long a call may wait for the program behind an API, where no policy says. */
const TIMEOUT_MS = 40_000

/** What is wrong with the value of a policy that the server itself heeds, or `null`. */
export function problemWithValue(policy: string, value: string): string | null {
  const known = Object.hasOwn(KNOWN, policy) ? KNOWN[policy] : undefined
  return !known || known.holds(value) ? null : `${policy} must be ${known.form}.`
}

/** How long a call may wait for the program behind an API. */
export async function requestTimeoutMs(
  tools: Pick<ToolsContext, 'store'>,
  scope: Scope,
): Promise<number> {
  return Number((await valueFor(tools, 'Network_HttpRequestTimeout', scope)) ?? TIMEOUT_MS)
}

/** The version of what is made without one. */
export async function defaultVersion(tools: Pick<ToolsContext, 'store'>): Promise<string> {
  return (await valueFor(tools, 'Asset_DefaultInitialVersion', {})) ?? DEFAULT_VERSION
}

/**
 * Whether a policy lets assets be trashed, restored or purged in the state that they have.
 *
 * @throws {ApiError} `asset_blocked`, naming the policy
 */
export async function requireAllowed(
  tools: Pick<ToolsContext, 'store'>,
  policy: 'Asset_AllowTrash' | 'Asset_AllowUntrash' | 'Asset_AllowPurge',
  { published, scope }: { readonly published: boolean; readonly scope: Scope },
): Promise<void> {
  const value = (await valueFor(tools, policy, scope)) ?? 'All'
  const allowed = ALLOWED.find((one) => one === value.toLowerCase()) ?? 'none'
  if (allowed === 'all' || allowed === (published ? 'published' : 'draft')) return
  throw new ApiError('asset_blocked', `The policy ${policy} is ${value}.`)
}

function oneOf(...values: readonly string[]) {
  const lower = values.map((one) => one.toLowerCase())
  return {
    holds: (value: string) => lower.includes(value.toLowerCase()),
    form: `one of ${values.join(', ')}`,
  }
}
