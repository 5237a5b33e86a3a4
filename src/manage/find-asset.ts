import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Asset } from '../tools/assets/asset.ts'
import type { AssetType } from '../tools/assets/types.ts'

/** A type, and the first word of its commands. */
type Named<A extends Asset> = { readonly type: AssetType<A>; readonly noun: string }

/** By name, then by version. */
export async function allAssets<A extends Asset>(
  { tools }: Context,
  type: AssetType<A>,
): Promise<A[]> {
  const snapshot = await tools.lists.of(type).current()
  const order = [{ attribute: 'name', direction: 'asc' }] as const
  return snapshot.sorted(order, 'en', null).map(({ asset }) => asset)
}

/**
 * The asset that a person means: by id, or by name when only one version has it. What is in the trash
 * is found by its id alone.
 * @throws {ApiError} `asset_unknown`, or `param_invalid` naming the ids when several fit
 */
export async function findAsset<A extends Asset>(
  context: Context,
  { type, noun }: Named<A>,
  wanted: string,
): Promise<A> {
  const all = await allAssets(context, type)
  const byId = all.find(({ id }) => id === wanted.toLowerCase())
  if (byId) return byId
  const named = all.filter(({ name, inTrash }) => name === wanted && !inTrash)
  const [only, ...others] = named
  if (only && others.length === 0) return only
  if (!only) {
    throw new ApiError(
      'asset_unknown',
      `There is no ${type.what} "${wanted}". homeport ${noun} list shows what there is.`,
    )
  }
  const choices = named.map(({ version, id }) => `${version}: ${id}`).join(', ')
  throw new ApiError(
    'param_invalid',
    `Several versions are named "${wanted}"; give the id (${choices}).`,
  )
}

/** One word for where an asset is in its life. */
export function stateOf({
  inTrash,
  inactive,
  published,
}: Pick<Asset, 'inTrash' | 'inactive' | 'published'>): string {
  if (inTrash) return 'trash'
  if (inactive) return 'inactive'
  return published ? 'published' : 'draft'
}
