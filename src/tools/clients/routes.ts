import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../errors.ts'
import { mountKind } from '../assets/mount-kind.ts'
import { readBackend } from '../backends/read.ts'
import type { ToolsContext } from '../context.ts'
import { CLIENTS } from './client.ts'

/** Routes under `/mobile/tools/1.0/clients`. */
export function mountClients(scope: FastifyInstance, tools: ToolsContext): void {
  mountKind(scope, tools, CLIENTS, {
    check: async ({ backendId }) => {
      if (typeof backendId !== 'string') return
      const { name, version, inTrash } = await readBackend(tools, backendId)
      if (inTrash) throw new ApiError('asset_blocked', `${name} ${version} is in the trash.`)
    },
  })
}
