import type { ApiDefinition, Operation } from '../../../tools/apis/definition/model.ts'
import { fitOf, parsePath } from '../../../tools/apis/definition/path-template.ts'

/** What of a definition a call is for. */
export type Found =
  | { readonly kind: 'operation'; readonly operation: Operation; readonly allow: string }
  /** The resource does not take the verb. */
  | { readonly kind: 'verb'; readonly allow: string }
  /** There is no such resource. */
  | { readonly kind: 'nothing' }

/** The operation that fits a verb and the decoded segments of a path below that of the API. */
export function findOperation(
  { resources }: Pick<ApiDefinition, 'resources'>,
  verb: string,
  segments: readonly string[],
): Found {
  const fitting = resources.flatMap((resource) => {
    const template = parsePath(resource.path)
    const fit = template && fitOf(template, segments)
    return fit === null ? [] : [{ resource, fit }]
  })
  // The narrowest: a segment that is named goes before one that is a parameter.
  const [best] = fitting.sort((a, b) => (a.fit > b.fit ? -1 : 1))
  if (!best) return { kind: 'nothing' }
  const { operations } = best.resource
  const verbs = operations.map((one) => one.verb)
  const all = new Set<string>([...verbs, ...(verbs.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
  const allow = [...all].join(', ')
  const own = operations.find((one) => one.verb === verb)
  const asGet = verb === 'HEAD' ? operations.find((one) => one.verb === 'GET') : undefined
  const operation = own ?? asGet
  return operation ? { kind: 'operation', operation, allow } : { kind: 'verb', allow }
}
