import { APIS } from '../../apis/api.ts'
import { type Body, bodyOf, objectMember, objectsMember } from '../../assets/body.ts'
import { readAssets } from '../../assets/read.ts'
import { assetTypeOf } from '../../assets/types.ts'
import { readAppPolicies } from '../../backends/app-policies/app-policies.ts'
import { backendAssetOf, hiddenOf } from '../../backends/backend.ts'
import { newBackendRecord, readBackendFields } from '../../backends/create.ts'
import { checkSettings } from '../../backends/settings.ts'
import { COLLECTIONS } from '../../collections/collection.ts'
import { mentionIn, type Porter, sharedContent, shortContent } from '../porter.ts'

/**
 * Keys are made anew. What belongs to the place and not to the app stays here: the mail server, whose
 * address may have a password, identity providers with the names of their keys, and where calls are
 * rerouted to.
 */
export const backendPorter: Porter = {
  pack: async (tools, record) => {
    const { oauth, basicAuth, roleAccess, appPolicies, ...backend } = backendAssetOf(record)
    const { smtpUrl: _, ...settings } = hiddenOf(record).settings
    const tied = await readAssets(tools, [...backend.apiIds, ...backend.collectionIds])
    const shortOf = ({ recordType }: { readonly recordType: string }) =>
      tied
        .filter(({ type }) => type === recordType)
        .map((one) => shortContent(assetTypeOf(one).read(one)))
    const content = {
      ...{ ...sharedContent(backend), oauth, basicAuth, roleAccess, settings, appPolicies },
      ...{ apis: shortOf(APIS), collections: shortOf(COLLECTIONS) },
    }
    return { content, archive: null }
  },
  unpack: async (body) => {
    const { actionComment: _, ...fields } = readBackendFields(body.members, '')
    const settings = settingsIn(body)
    const appPolicies = readAppPolicies(objectMember(body, 'appPolicies')?.members ?? {})
    const apis = objectsMember(body, 'apis').map((one) => mentionIn(one, 'API'))
    const collections = objectsMember(body, 'collections').map((one) =>
      mentionIn(one, 'StorageCollection'),
    )
    for (const ties of [apis, collections]) {
      if (new Set(ties.map(({ name }) => name)).size < ties.length) {
        body.problems.push('It is tied to two assets of one name; apps find them by name.')
      }
    }
    return {
      ties: [...apis, ...collections],
      ...{ needs: [], roles: fields.roleAccess.roles },
      make: ({ by, id, comment, idOf }) => {
        const members = { ...fields, actionComment: comment }
        const record = newBackendRecord(
          members,
          { ...by, id },
          {
            ...{ settings, appPolicies },
            ...{ apiIds: apis.map(idOf), collectionIds: collections.map(idOf) },
          },
        )
        return { record, also: [] }
      },
    }
  },
}

/** @throws {ApiError} `param_invalid` */
function settingsIn(body: Body): Readonly<Record<string, unknown>> {
  const settings = bodyOf(objectMember(body, 'settings')?.members ?? {}).members
  checkSettings(settings)
  return settings
}
