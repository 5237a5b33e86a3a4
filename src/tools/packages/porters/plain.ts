import type { Asset } from '../../assets/asset.ts'
import type { AssetKind } from '../../assets/kind.ts'
import { readMembers } from '../../assets/members.ts'
import { asRead, type Porter, sharedContent, sharedFields } from '../porter.ts'

/** For a type of assets that is all in its declaration. */
export function plainPorter<Own extends object>(kind: AssetKind<Own>): Porter {
  return {
    pack: async (_, record) => {
      const asset = kind.read(record)
      return { content: { ...sharedContent(asset), ...writtenOf(kind, asset) }, archive: null }
    },
    unpack: async (body) => {
      const fields = { ...sharedFields(body), ...readMembers(kind.members, body) }
      return {
        ...{ ties: [], needs: [] },
        roles: kind.references(asRead(kind, fields)).roles ?? [],
        make: ({ by, id, comment }) => {
          const record = kind.newRecord({ ...fields, actionComment: comment }, { ...by, id })
          return { record, also: [] }
        },
      }
    },
  }
}

/** The members that someone fills in. */
function writtenOf<Own extends object>(kind: AssetKind<Own>, asset: Asset & Own): object {
  const names = (Object.keys(kind.members) as (keyof Own & string)[]).filter(
    (name) => !kind.members[name].isReadOnly,
  )
  return Object.fromEntries(names.map((name) => [name, asset[name]]))
}
