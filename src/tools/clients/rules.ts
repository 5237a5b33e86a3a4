import { ApiError } from '../../errors.ts'
import type { KindRules } from '../assets/kind-service.ts'
import { readBackend } from '../backends/read.ts'
import type { ToolsContext } from '../context.ts'
import type { ClientMembers } from './client.ts'

/** What clients take more than their declaration: a backend that there is. */
export function clientRules(tools: ToolsContext): KindRules<ClientMembers> {
  return {
    check: async ({ backendId }) => {
      if (typeof backendId !== 'string') return
      const { name, version, inTrash } = await readBackend(tools, backendId)
      if (inTrash) throw new ApiError('asset_blocked', `${name} ${version} is in the trash.`)
    },
  }
}
