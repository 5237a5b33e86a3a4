import { INSTANCE } from '../../engine/backend.ts'
import { wordsOf } from '../../lib/words.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { foldCase } from '../list/fold.ts'
import { type ListReply, pageReply } from '../list/page.ts'
import {
  type ListQuery,
  onlyValue,
  pageBounds,
  type QueryPair,
  type TimeBounds,
  timeBounds,
  valuesOf,
} from '../list/query.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { AUDIT_TYPE, type AuditEntry, auditEntryOf } from './entry.ts'

export type AuditQuery = Pick<ListQuery, 'limit' | 'offset'> &
  TimeBounds & {
    /** In any case. */
    readonly actor: string | null
    readonly action: string | null
    /** The id of what it was done to; of a policy its name. */
    readonly target: string | null
    /** All of these are in the entry. */
    readonly words: readonly string[]
  }

/** @throws {ApiError} `param_invalid`, naming everything that is wrong */
export function parseAuditQuery(pairs: readonly QueryPair[], nowMs: number): AuditQuery {
  const problems: Problems = []
  const one = (name: string) => {
    const value = onlyValue(name, valuesOf(pairs, name), problems)
    if (value === null || IS_FINDABLE.test(value)) return value
    problems.push(`${quoted(name)} is too long, or cannot be stored.`)
    return null
  }
  const text = one('q')
  const words = wordsOf(text ?? '')
  if (text !== null && words.length === 0) problems.push(`There is no word in ${quoted(text)}.`)
  const query = {
    ...timeBounds(pairs, nowMs, problems),
    actor: one('actor'),
    action: one('action'),
    target: one('target'),
    words,
    ...pageBounds(pairs, problems),
  }
  refuseIfAny(problems)
  return query
}

/** What can be in an entry; neither database takes NUL or half a surrogate pair. */
const IS_FINDABLE = /^[^\0\p{Surrogate}]{1,600}$/u

type AuditPage = { readonly entries: readonly AuditEntry[]; readonly total: number }

/** A part of the log, the latest first, and how much of it there is. */
export async function readAudit(tools: ToolsContext, query: AuditQuery): Promise<AuditPage> {
  const all = conditionsOf(query)
  const found = {
    ...{ backendId: INSTANCE, type: AUDIT_TYPE },
    ...(all.length > 0 && { where: { op: 'and', all } as const }),
  }
  const limit = Math.min(query.limit ?? tools.listLimitMax, tools.listLimitMax)
  const latestFirst = [{ field: 'at', direction: 'desc' }] as const
  const [{ count }, { records }] = await Promise.all([
    tools.store.count(found),
    tools.store.find({ ...found, orderBy: latestFirst, limit, offset: query.offset }),
  ])
  return { entries: records.map(auditEntryOf), total: count }
}

/** The same as a page of a list. */
export async function auditPage(
  tools: ToolsContext,
  path: string,
  pairs: readonly QueryPair[],
): Promise<ListReply> {
  const query = parseAuditQuery(pairs, tools.now())
  const { entries, total } = await readAudit(tools, query)
  return pageReply({ path, pairs, query, limitMax: tools.listLimitMax }, total, () => entries)
}

function conditionsOf({ from, to, actor, action, target, words }: AuditQuery): Condition[] {
  const eq = (field: string, value: string | null): Condition[] =>
    value === null ? [] : [{ op: 'eq', field, value: textKey(value) }]
  return [
    ...(from === null ? [] : [{ op: 'gte', field: 'at', value: instantKey(from.ms) } as const]),
    ...(to === null ? [] : [{ op: 'lte', field: 'at', value: instantKey(to.ms) } as const]),
    ...eq('actor', actor === null ? null : foldCase(actor)),
    ...eq('action', action === null ? null : action.toUpperCase()),
    ...eq('target', target),
    ...words.flatMap((word) => eq('$text', word)),
  ]
}

/** The year 9999 is the last that sorts right, and late enough. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')

function instantKey(ms: number): string {
  return dateKey(Math.min(ms, LATEST_MS))
}
