import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { WriteConflict } from '../storage/port.ts'
import { ensureFirstBackend } from '../tools/backends/first.ts'
import { createMember, hasAdministrator } from '../tools/team/members.ts'
import { issueSetupToken } from '../tools/team/setup.ts'
import { ensureTeamClient } from '../tools/team/team-client.ts'
import { type ShownBackend, showBackend } from './backends.ts'

/** What a first start has to tell; each is told once. */
export type FirstStart = {
  /** The backend that was made, with its keys. */
  readonly backend: ShownBackend | null
  /** Opens the page where the first administrator is made: for 30 minutes, and one time. */
  readonly setupToken: string | null
}

/** Makes what a new installation lacks. On all later starts it finds everything there. */
export async function completeFirstStart(context: Context): Promise<FirstStart> {
  const { tools, store, now } = context
  await ensureTeamClient(store, now())
  const backend = await ensureFirstBackend(tools)
  return {
    backend: backend && showBackend(backend),
    setupToken: await ensureWayIn(context),
  }
}

/** @returns the token of a set-up link when there is neither an administrator nor one to be made */
async function ensureWayIn(context: Context): Promise<string | null> {
  if (await hasAdministrator(context.tools)) return null
  try {
    if (!context.config.admin) return await issueSetupToken(context.store, context.now())
    await makeAdministrator(context, context.config.admin)
  } catch (error) {
    if (!isTaken(error)) throw error
    context.log.warn({ err: error }, 'someone else has made the link or the administrator')
  }
  return null
}

/** Another server on the same database was quicker, or a member without rights has the login. */
function isTaken(error: unknown): boolean {
  return error instanceof WriteConflict || (error instanceof ApiError && error.status === 409)
}

async function makeAdministrator(
  { tools, log }: Context,
  { email, password }: NonNullable<Config['admin']>,
): Promise<void> {
  const member = { login: email, password: password.reveal(), roles: ['Administrator'] as const }
  await createMember(tools, member, 'system')
  log.info({ login: email }, 'made the first administrator from the settings')
}
