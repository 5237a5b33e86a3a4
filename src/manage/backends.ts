import type { Context } from '../context.ts'
import type { BackendAsset } from '../tools/backends/backend.ts'
import { BACKEND_DEFAULTS, createBackend as makeBackend } from '../tools/backends/create.ts'
import { BACKENDS } from '../tools/backends/type.ts'
import { allAssets, findAsset, stateOf } from './find-asset.ts'
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
  const backends = (await allAssets(context, BACKENDS)).map((backend) => {
    const { id, name, version } = backend
    return { id, name, version, state: stateOf(backend) }
  })
  return { backends }
})

export const showOneBackend = operation({ backend: 'text' }, async (context, { backend }) =>
  showBackend(await findBackend(context, backend)),
)

/** The backend that a person means. @throws {ApiError} `asset_unknown`, `param_invalid` */
export function findBackend(context: Context, wanted: string): Promise<BackendAsset> {
  return findAsset(context, { type: BACKENDS, noun: 'backend' }, wanted)
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
