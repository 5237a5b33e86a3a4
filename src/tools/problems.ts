import { ApiError } from '../errors.ts'

/** What is wrong with a request, sentence by sentence: a client should learn of all at once. */
export type Problems = string[]

/** @throws {ApiError} `param_invalid` with every problem, if there is one */
export function refuseIfAny(problems: Readonly<Problems>): void {
  if (problems.length > 0) throw new ApiError('param_invalid', problems.join(' '))
}

/** What was sent, short enough to be repeated in a message. */
export function quoted(text: string): string {
  return `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`
}
