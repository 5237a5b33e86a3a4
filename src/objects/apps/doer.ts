import type { Doer } from '../../engine/context.ts'
import type { Call } from '../../engine/definition.ts'

/** The application administrator who calls, for the team's audit log. */
export function doerOf({ caller, request }: Pick<Call, 'caller' | 'request'>): Doer {
  return { actor: caller.userId ?? '', requestId: request.id }
}
