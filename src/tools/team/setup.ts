import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { sessionToken, tokenDigest } from '../../lib/ids.ts'
import { type NewRecord, type Store, type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { type Member, memberOfRecord } from './member.ts'
import { hasAdministrator, isLoginTaken, memberCreated, memberRecord } from './members.ts'

const TTL_MS = 30 * 60_000
const TRIES = 5

/** There is one link at a time, so its record has one place: a new link ends the one before. */
const ADDRESS = { backendId: INSTANCE, type: 'setup', id: '0'.repeat(24) }

/**
 * Makes the token of the link by which the first administrator comes in. It is good for half an
 * hour and for one time; only its digest is kept.
 */
export async function issueSetupToken(store: Store, nowMs: number): Promise<string> {
  const token = sessionToken()
  for (let left = TRIES; ; left -= 1) {
    const before = await store.get(ADDRESS)
    const record = newRecord(token, nowMs)
    const operation = before
      ? ({ op: 'replace', record, ifVersion: before.version } as const)
      : ({ op: 'insert', record } as const)
    try {
      await store.write({ operations: [operation], actor: 'system', at: nowMs })
      return token
    } catch (error) {
      // Another server that starts now makes a link too; the last one counts.
      if (!(error instanceof WriteConflict) || left <= 1) throw error
    }
  }
}

function newRecord(token: string, nowMs: number): NewRecord {
  return {
    ...ADDRESS,
    ownerId: null,
    aclId: null,
    createdAt: nowMs,
    updatedAt: nowMs,
    data: JSON.stringify({ expiresAt: nowMs + TTL_MS }),
    hidden: JSON.stringify({ digest: tokenDigest(token) }),
    keys: {},
    claims: [],
  }
}

/** @throws {ApiError} `setup_done` or `setup_link_invalid` unless the link can be used now */
export async function checkSetupToken(tools: ToolsContext, token: string): Promise<StoredRecord> {
  if (await hasAdministrator(tools)) throw new ApiError('setup_done')
  const record = await tools.store.get(ADDRESS)
  const { digest } = JSON.parse(record?.hidden ?? '{}') as { digest?: string }
  const { expiresAt = 0 } = JSON.parse(record?.data ?? '{}') as { expiresAt?: number }
  if (!record || digest !== tokenDigest(token) || expiresAt <= tools.now()) {
    throw new ApiError('setup_link_invalid')
  }
  return record
}

type FirstMember = { readonly token: string; readonly login: string; readonly password: string }

/**
 * Makes the first administrator and uses up the link, both or neither: of two who send it at once,
 * one is refused.
 *
 * @throws {ApiError} `setup_done`, `setup_link_invalid`, `param_invalid` or `member_exists`
 */
export async function setUp(tools: ToolsContext, first: FirstMember): Promise<Member> {
  const link = await checkSetupToken(tools, first.token)
  const at = tools.now()
  const record = await memberRecord({ ...first, roles: ['Administrator'] }, at)
  try {
    const by = byOf(first.login, at)
    const used = { op: 'delete', address: ADDRESS, ifVersion: link.version } as const
    const made = { op: 'insert', record } as const
    await tools.store.write(batchBy(by, [used, made, memberCreated(record, by)]))
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error
    throw new ApiError(isLoginTaken(error) ? 'member_exists' : 'setup_link_invalid', undefined, {
      cause: error,
    })
  }
  return memberOfRecord({ ...record, version: 1 })
}
