import { isBefore } from '../lib/release.ts'
import type { Backend } from './backend.ts'

/**
 * What changed under the same `/v1/` prefix, keyed on the release under which the app was made
 * (MBS release notes 1.1.4 to 1.6.5). A backend's `mbsRelease` setting chooses.
 */
const CHANGES = {
  /** `limit` and `skip` page a query; before, `page` and `per_page` did. */
  skipPaging: '1.1.5',
  /** References are ids unless a depth is asked for; before, the depth was 3. */
  shallow: '1.1.7',
  /** Photos get the sizes that are asked for only; before, six were always made. */
  noDefaultSizes: '1.1.7',
  /** An ACL that denies gives 401; before, 403. */
  aclDenies401: '1.1.7',
  /** Search methods answer 410 and point to `$text`. */
  noSearch: '1.3.0',
} as const

export function has(backend: Backend, change: Change): boolean {
  const { mbsRelease } = backend.settings
  const known = answers.get(mbsRelease) ?? answersOf(mbsRelease)
  return known[change]
}

type Change = keyof typeof CHANGES
type Answers = Readonly<Record<Change, boolean>>

// A handful of releases, each asked about with every call.
const answers = new Map<string, Answers>()

function answersOf(release: string): Answers {
  const entries = Object.entries(CHANGES).map(([change, since]) => [
    change,
    !isBefore(release, since),
  ])
  const all = Object.fromEntries(entries) as Answers
  answers.set(release, all)
  return all
}
