import type { KindRules } from '../assets/kind-service.ts'
import type { ToolsContext } from '../context.ts'
import type { ApiMembers } from './api.ts'
import { requireValid } from './check.ts'
import { readContent } from './content.ts'
import { changeApi, copyApi, createApi } from './service.ts'

/** What APIs take more than their declaration: a definition, and a mock of their own. */
export function apiRules(tools: ToolsContext): KindRules<ApiMembers> {
  return {
    check: async ({ apiDefn }) => {
      if (apiDefn) await requireValid(tools, apiDefn)
    },
    create: (fields, acting) => createApi(tools, fields, acting),
    change: (options) => changeApi(tools, options),
    copy: (options) => copyApi(tools, options),
    presentAlone: async ({ id }) => (await readContent(tools, id)).content,
  }
}
