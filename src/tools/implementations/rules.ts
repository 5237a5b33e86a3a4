import { APIS } from '../apis/api.ts'
import type { KindRules } from '../assets/kind-service.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { copyImplementation } from './copy.ts'
import type { ImplementationMembers } from './implementation.ts'

/** What implementations take more than their declaration: an archive. */
export function implementationRules(tools: ToolsContext): KindRules<ImplementationMembers> {
  return {
    // They come as archives.
    create: null,
    copy: (options) => copyImplementation(tools, options),
    presentAlone: async ({ id, apiId }) => {
      const { defaultImplementationId } = APIS.read(await readOfType(tools, APIS, apiId))
      return { default: id === defaultImplementationId }
    },
  }
}
