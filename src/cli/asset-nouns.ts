/** The types of assets that share their commands, by the first word of these. */
export const ASSET_NOUNS = [
  ...['api', 'implementation', 'collection', 'connector', 'client', 'package'],
] as const

export type AssetNoun = (typeof ASSET_NOUNS)[number]

export const ASSET_VERBS = [
  ...['list', 'show', 'create', 'publish', 'version', 'trash', 'restore', 'purge'],
] as const

export type AssetVerb = (typeof ASSET_VERBS)[number]

/** Implementations are uploaded to their APIs; packages are exported and installed, once for all. */
export function hasVerb(noun: AssetNoun, verb: AssetVerb): boolean {
  if (noun === 'package') return !['create', 'publish', 'version'].includes(verb)
  return noun !== 'implementation' || verb !== 'create'
}
