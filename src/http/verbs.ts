import type { MethodDefinition } from '../engine/definition.ts'

type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * The path tells the method and the verb is advice: one SDK cannot send PUT and DELETE, another
 * posts its updates. Only what changes nothing is open to GET.
 */
const ACCEPTED: Readonly<Record<Verb, readonly Verb[]>> = {
  GET: ['GET', 'POST'],
  POST: ['POST', 'PUT'],
  PUT: ['PUT', 'POST'],
  DELETE: ['DELETE', 'POST'],
}

/** @param deleteByGet the backend's setting for clients that can send nothing else */
export function acceptsVerb(method: MethodDefinition, verb: string, deleteByGet: boolean): boolean {
  if (method.verb === 'DELETE' && verb === 'GET') return deleteByGet
  return accepted(method).some((one) => one === verb)
}

export function allowedVerbs(method: MethodDefinition): string {
  return accepted(method).join(', ')
}

function accepted({ verb, alsoBy }: MethodDefinition): readonly Verb[] {
  return alsoBy ? [...ACCEPTED[verb], alsoBy] : ACCEPTED[verb]
}
