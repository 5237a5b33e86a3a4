import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../errors.ts'
import { ASSET_TYPES } from '../assets/types.ts'
import type { ToolsContext } from '../context.ts'
import { mountNamed } from '../named/routes.ts'
import { ROLES } from './role.ts'

/** Routes under `/mobile/tools/1.0/roles`. */
export function mountRoles(scope: FastifyInstance, tools: ToolsContext): void {
  mountNamed(scope, tools, { kind: ROLES, requireFree: (name) => requireUnused(tools, name) })
}

/**
 * Assets know a role by its name: so one that is named somewhere keeps it.
 *
 * @throws {ApiError} `asset_blocked`
 */
async function requireUnused(tools: ToolsContext, name: string): Promise<void> {
  for (const type of ASSET_TYPES) {
    const { entries } = await tools.lists.of(type).current()
    const user = entries.find(({ asset }) => type.references(asset).roles?.includes(name))
    if (!user) continue
    const { asset } = user
    throw new ApiError(
      'asset_blocked',
      `The ${type.what} ${asset.name} ${asset.version} names the role ${name}; change that first.`,
    )
  }
}
