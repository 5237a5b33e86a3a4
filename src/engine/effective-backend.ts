import { BACKEND_TYPE, type Backend, backendOf, INSTANCE } from './backend.ts'
import type { EngineContext } from './context.ts'

// As many as `tools/backends/lifecycle` lets follow each other.
const HOPS_MAX = 100

type Finds = Pick<EngineContext, 'cache'>

/** A backend that one knows by its id, also from the trash. */
export function backendWith(
  { cache }: Finds,
  id: string,
): Backend | null | Promise<Backend | null> {
  return cache.get({ backendId: INSTANCE, type: BACKEND_TYPE, id }, backendOf)
}

/**
 * The backend that serves the calls to another: the end of the way that it was rerouted on, or
 * itself. A target that is gone, in the trash or inactive serves nothing, so the last before it
 * does. At once when nothing was rerouted, which is nearly always.
 */
export function effectiveBackend(context: Finds, backend: Backend): Backend | Promise<Backend> {
  return backend.targetBackendId === null ? backend : lastOnTheWay(context, backend)
}

/** The tenant in which the users of a backend are. */
export async function effectiveId(context: Finds, backendId: string): Promise<string> {
  const backend = await backendWith(context, backendId)
  return backend === null ? backendId : (await effectiveBackend(context, backend)).id
}

async function lastOnTheWay(context: Finds, from: Backend): Promise<Backend> {
  let serving = from
  for (let hops = 0; serving.targetBackendId !== null && hops < HOPS_MAX; hops += 1) {
    const target = await backendWith(context, serving.targetBackendId)
    if (!target?.published || target.inTrash || target.inactive) break
    serving = target
  }
  return serving
}
