import type { Claim } from '../../storage/port.ts'
import type { Asset, AssetFields } from './asset.ts'
import { type Body, flagMember, requiredTextMember, textMember } from './body.ts'

export const NAME = {
  charactersMax: 100,
  pattern: /^[a-zA-Z][a-zA-Z0-9_]*$/,
  form: 'a letter followed by letters, digits and underscores',
}
export const VERSION = {
  charactersMax: 100,
  pattern: /^[a-zA-Z0-9][\w.]*$/,
  form: 'a letter or digit followed by letters, digits, dots and underscores',
}
/** The name of a role; roles come from outside. */
export const ROLE = { charactersMax: 100 }
const TITLE = { charactersMax: 255 }
const DESC = { charactersMax: 100 }
// The original sets no limit; this one keeps a slip of the hand out of the history.
export const ACTION_COMMENT = { charactersMax: 4000 }

export const DEFAULT_VERSION = '1.0'

/** Reads what assets of every type have in the body of their creation. */
export function readAssetFields(body: Body, defaultVersion: string): AssetFields {
  return {
    name: requiredTextMember(body, 'name', NAME),
    version: textMember(body, 'version', VERSION) ?? defaultVersion,
    title: textMember(body, 'title', TITLE),
    desc: textMember(body, 'desc', DESC),
    max: flagMember(body, 'max') ?? false,
    actionComment: textMember(body, 'actionComment', ACTION_COMMENT),
  }
}

export type AssetChanges = Pick<AssetFields, 'name'> & Partial<AssetFields>

/**
 * Reads the same in the body of a change: only the name is required. What is left out stays as it
 * is, and so does what is null, but for the texts that an asset can be without.
 */
export function readAssetChanges(body: Body): AssetChanges {
  const name = requiredTextMember(body, 'name', NAME)
  const version = textMember(body, 'version', VERSION)
  const max = flagMember(body, 'max')
  const texts = {
    title: textMember(body, 'title', TITLE),
    desc: textMember(body, 'desc', DESC),
    actionComment: textMember(body, 'actionComment', ACTION_COMMENT),
  }
  const sent = Object.entries(texts).filter(([member]) => Object.hasOwn(body.members, member))
  return {
    name,
    ...(version !== null && { version }),
    ...(max !== null && { max }),
    ...Object.fromEntries(sent),
  }
}

/**
 * The claim by which a live asset holds its name and version among those of its type. It is given
 * up in the trash: so a trashed asset blocks no new one, and restoring it may find the name taken.
 */
export function nameClaim(
  type: string,
  {
    namespace = null,
    name,
    version,
  }: Pick<AssetFields, 'name' | 'version'> & Partial<Pick<Asset, 'namespace'>>,
): Claim {
  const prefix = namespace === null ? '' : `${namespace}/`
  return { scope: `${type}.name`, value: `${prefix}${name}(${version})` }
}
