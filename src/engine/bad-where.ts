import { ApiError } from '../errors.ts'

/** What is wrong with a `where`, as the end of a sentence. */
export function badWhere(why: string): ApiError {
  return new ApiError('param_invalid', `Invalid where parameter; ${why}.`)
}
