import type { ToolsContext } from '../context.ts'
import { bearerIn } from './bearer.ts'
import { findToken } from './token-store.ts'

/** Whom a token of a backend stands for; `userId: null` is anyone who uses the backend. */
export type RuntimeCaller = { readonly backendId: string; readonly userId: string | null }

/**
 * The caller behind the `Authorization` header of a call to the doors of the platform. Tokens of
 * team members open none of them. A token ends with the keys, the switch `oauth` or the trashing of
 * its backend, and with the password of its user; whether the backend is active is for the door to
 * say.
 *
 * @returns `null` for anything but a live token of a backend or its user
 */
export async function runtimeCallerOf(
  tools: Pick<ToolsContext, 'store' | 'now' | 'users'>,
  authorization: string | undefined,
): Promise<RuntimeCaller | null> {
  const token = bearerIn(authorization)
  const grant = token === null ? null : await findToken(tools, token)
  if (grant?.kind !== 'backend' && grant?.kind !== 'user') return null
  return { backendId: grant.backendId, userId: grant.kind === 'user' ? grant.userId : null }
}
