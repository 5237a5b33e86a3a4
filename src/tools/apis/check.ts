import { ApiError } from '../../errors.ts'
import type { ToolsContext } from '../context.ts'
import type { Api } from './api.ts'
import { readContent, textOf } from './content.ts'
import type { ApiDefinition, Finding } from './definition/model.ts'
import { isValid } from './definition/model.ts'

/** Of those there are, which may be many. */
const NAMED_MAX = 3

/** @throws {ApiError} `definition_invalid` with what was found */
export async function requireValid(
  { definitions }: Pick<ToolsContext, 'definitions'>,
  lines: readonly string[],
): Promise<void> {
  const parsed = await definitions.read(textOf(lines))
  if (isValid(parsed)) return
  const errors = parsed.findings.filter(({ severity }) => severity === 'ERROR')
  const named = errors.slice(0, NAMED_MAX).map(sentence)
  const more = errors.length > NAMED_MAX ? [`There are ${errors.length - NAMED_MAX} more.`] : []
  const detail = [...named, ...more].join(' ')
  const details = { title: 'Definition', detail, findings: parsed.findings }
  throw new ApiError('definition_invalid', detail, { details })
}

function sentence({ message, path, line }: Finding): string {
  const place = [...(line === null ? [] : [`line ${line}`]), ...(path === '' ? [] : [path])]
  return place.length === 0 ? message : `${place.join(', ')}: ${message}`
}

/** What the definition of an API says, or `null` when it has none. */
export async function definitionOf(
  tools: Pick<ToolsContext, 'store' | 'definitions'>,
  { id, apiDefnDigest }: Pick<Api, 'id' | 'apiDefnDigest'>,
): Promise<ApiDefinition | null> {
  if (apiDefnDigest === null) return null
  const known = tools.definitions.known(apiDefnDigest)
  if (known) return known.definition
  const { apiDefn } = (await readContent(tools, id)).content
  return apiDefn === null ? null : (await tools.definitions.read(textOf(apiDefn))).definition
}
