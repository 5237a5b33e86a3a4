import { onlyValue, type QueryPair, valuesOf } from '../../list/query.ts'
import { type Problems, quoted } from '../../problems.ts'
import {
  bodyOf,
  objectMember,
  objectsMember,
  refuseBad,
  requiredTextMember,
  textMember,
  textsMember,
} from '../body.ts'
import { ACTION_COMMENT } from '../fields.ts'
import type { BatchCommand } from './command.ts'
import { FORMATS, type Format } from './plan.ts'

const ID = { charactersMax: 100 }

/** Assets in one batch: all of them are written at once. */
const ASSETS_MAX = 500

/** `{ids}`, and `format` from the query. @throws {ApiError} `param_invalid` */
export function readQuestion(
  json: unknown,
  pairs: readonly QueryPair[],
): { readonly ids: readonly string[]; readonly format: Format } {
  const body = bodyOf(json)
  const ids = textsMember(body, 'ids', ID)
  if (ids === null && body.problems.length === 0) body.problems.push("'ids' is required.")
  requireFew(ids ?? [], body.problems)
  const format = formatOf(textMember(body, 'format', ID), pairs, body.problems)
  refuseBad(body)
  return { ids: ids ?? [], format: format ?? 'short' }
}

type ReadCommand = Pick<BatchCommand, 'assets' | 'comment' | 'format'> & {
  /** The caller wants to be told, asset by asset. */
  readonly hasFormat: boolean
}

/** The array that a question was answered with, and what to say of it. @throws `param_invalid` */
export function readCommand(json: unknown, pairs: readonly QueryPair[]): ReadCommand {
  const body = bodyOf(json)
  const comment = textMember(body, 'actionComment', ACTION_COMMENT)
  const format = formatOf(textMember(body, 'format', ID), pairs, body.problems)
  if (!Object.hasOwn(body.members, 'dependencies')) {
    body.problems.push("'dependencies' is required.")
  }
  const assets = objectsMember(body, 'dependencies').flatMap((element) => {
    const asset = objectMember(element, 'asset')
    if (!asset) {
      body.problems.push("Each of 'dependencies' must have an 'asset'.")
      return []
    }
    return { id: requiredTextMember(asset, 'id', ID), etag: textMember(asset, 'etag', ID) }
  })
  requireFew(assets, body.problems)
  refuseBad(body)
  return { assets, comment, format: format ?? 'short', hasFormat: format !== null }
}

function requireFew(assets: readonly unknown[], problems: Problems): void {
  if (assets.length > ASSETS_MAX)
    problems.push(`At most ${ASSETS_MAX} assets may be named at once.`)
}

/** From the query or the body, where the original takes it from either. */
function formatOf(
  inBody: string | null,
  pairs: readonly QueryPair[],
  problems: Problems,
): Format | null {
  const wanted = onlyValue('format', valuesOf(pairs, 'format'), problems) ?? inBody
  const format = FORMATS.find((one) => one === wanted) ?? null
  if (wanted !== null && format === null) {
    problems.push(`${quoted(wanted)} is not a format; use ${FORMATS.join(', ')}.`)
  }
  return format
}
