import router from 'find-my-way'
import type { MethodDefinition } from '../engine/definition.ts'

/** A method that an address names, and the parameters that stand in the address. */
export type Called = {
  readonly method: MethodDefinition
  readonly params: Readonly<Record<string, string>>
}

/** Class names and ids are shorter than this; what is longer names nothing. */
const PARAM_CHARACTERS_MAX = 300

/** The parameter of `places/show/<id>`. */
const SHOWN = 'shownId'

/**
 * Finds methods by the path behind `/v1`. A router of its own, since the verb counts for nothing
 * here: the framework's would want each address once for each verb, at four times the cost.
 */
export function methodRouter(
  methods: readonly MethodDefinition[],
): (path: string) => Called | null {
  const routes = router({ maxParamLength: PARAM_CHARACTERS_MAX })
  for (const method of methods) {
    for (const path of [method.path, ...(method.aliases ?? [])]) {
      routes.on('GET', `/${path}`, unused, { method })
    }
    // Old guides put the id of what is shown into the path.
    const idParam = method.path.endsWith('/show') ? Object.keys(method.params)[0] : undefined
    if (idParam?.endsWith('id')) {
      routes.on('GET', `/${method.path}/:${SHOWN}`, unused, { method, idParam })
    }
  }
  return (path) => {
    const found = routes.find('GET', path.endsWith('.json') ? path.slice(0, -5) : path)
    if (!found) return null
    const { method, idParam } = found.store as Pick<Called, 'method'> & { idParam?: string }
    const { [SHOWN]: shown, ...params } = found.params as Record<string, string>
    return { method, params: shown !== undefined && idParam ? { [idParam]: shown } : params }
  }
}

function unused(): void {
  // Only ever found, never called.
}
