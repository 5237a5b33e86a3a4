import type { Claim } from '../../storage/port.ts'
import type { AssetFields } from './asset.ts'
import { type Body, flagMember, requiredTextMember, textMember } from './body.ts'

const NAME = {
  charactersMax: 100,
  pattern: /^[a-zA-Z][a-zA-Z0-9_]*$/,
  form: 'a letter followed by letters, digits and underscores',
}
const VERSION = {
  charactersMax: 100,
  pattern: /^[a-zA-Z0-9][\w.]*$/,
  form: 'a letter or digit followed by letters, digits, dots and underscores',
}
const TITLE = { charactersMax: 255 }
const DESC = { charactersMax: 100 }
// The original sets no limit; this one keeps a slip of the hand out of the history.
const ACTION_COMMENT = { charactersMax: 4000 }

export const DEFAULT_VERSION = '1.0'

/** Reads what assets of every type have in the body of their creation. */
export function readAssetFields(body: Body): AssetFields {
  return {
    name: requiredTextMember(body, 'name', NAME),
    version: textMember(body, 'version', VERSION) ?? DEFAULT_VERSION,
    title: textMember(body, 'title', TITLE),
    desc: textMember(body, 'desc', DESC),
    max: flagMember(body, 'max') ?? false,
    actionComment: textMember(body, 'actionComment', ACTION_COMMENT),
  }
}

/**
 * The claim by which a live asset holds its name and version among those of its type. It is given
 * up in the trash: so a trashed asset blocks no new one, and restoring it may find the name taken.
 */
export function nameClaim(type: string, asset: Pick<AssetFields, 'name' | 'version'>): Claim {
  return { scope: `${type}.name`, value: `${asset.name}(${asset.version})` }
}
