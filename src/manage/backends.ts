import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { BackendAsset } from '../tools/backends/backend.ts'
import { BACKEND_DEFAULTS, createBackend as makeBackend } from '../tools/backends/create.ts'
import { BACKENDS } from '../tools/backends/type.ts'
import { operation } from './operation.ts'

/** A backend as the owner of the machine may see it: with the keys in clear. */
export type ShownBackend = ReturnType<typeof showBackend>

/** Histories show who did something; a command is somebody with access to the machine. */
export const COMMAND_ACTOR = 'command line'

export const createBackend = operation(
  { name: 'text', version: 'text?' },
  async ({ tools }, { name, version }) => {
    const fields = { ...BACKEND_DEFAULTS, name, ...(version === undefined ? {} : { version }) }
    return showBackend(await makeBackend(tools, fields, COMMAND_ACTOR))
  },
)

export const listBackends = operation({}, async (context) => {
  const backends = (await allBackends(context)).map((backend) => {
    const { id, name, version } = backend
    return { id, name, version, state: stateOf(backend) }
  })
  return { backends }
})

export const showOneBackend = operation({ backend: 'text' }, async (context, { backend }) =>
  showBackend(await findBackend(context, backend)),
)

/**
 * The backend that a person means: by id, or by name when only one version has it. What is in the
 * trash is found by its id alone.
 * @throws {ApiError} `asset_unknown`, or `param_invalid` naming the ids when several fit
 */
export async function findBackend(context: Context, wanted: string): Promise<BackendAsset> {
  const all = await allBackends(context)
  const byId = all.find(({ id }) => id === wanted.toLowerCase())
  if (byId) return byId
  const named = all.filter(({ name, inTrash }) => name === wanted && !inTrash)
  const [only, ...others] = named
  if (only && others.length === 0) return only
  if (!only) {
    throw new ApiError(
      'asset_unknown',
      `There is no backend "${wanted}". homeport backend list shows what there is.`,
    )
  }
  const choices = named.map(({ version, id }) => `${version}: ${id}`).join(', ')
  throw new ApiError(
    'param_invalid',
    `Several versions are named "${wanted}"; give the id (${choices}).`,
  )
}

export function showBackend(backend: BackendAsset) {
  const { id, name, version, clientId, basicAuthBackendId, oauth, basicAuth } = backend
  return {
    ...{ id, name, version, state: stateOf(backend), clientId },
    clientSecret: backend.clientSecret?.reveal() ?? null,
    basicAuthBackendId,
    anonymousKey: backend.anonymousKey?.reveal() ?? null,
    ...{ oauth, basicAuth },
  }
}

function stateOf(backend: Pick<BackendAsset, 'inTrash' | 'inactive' | 'published'>): string {
  if (backend.inTrash) return 'trash'
  if (backend.inactive) return 'inactive'
  return backend.published ? 'published' : 'draft'
}

/** By name, then by version. */
async function allBackends({ tools }: Context): Promise<BackendAsset[]> {
  const snapshot = await tools.lists.of(BACKENDS).current()
  return snapshot.sorted([{ attribute: 'name', direction: 'asc' }], 'en').map(({ asset }) => asset)
}
