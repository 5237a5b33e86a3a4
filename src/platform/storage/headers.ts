import { ApiError } from '../../errors.ts'
import { acceptsType } from '../../tools/http/accept.ts'
import { type StoredObject, tagOf } from './object.ts'

const NAME_MAX = 255
const TYPE_MAX = 255

/** Bytes of which nobody said what they are. */
const ANY_BYTES = 'application/octet-stream'

/** The display name in a header, which is encoded as a part of an address. */
export function nameIn(header: string | string[] | undefined): string | null {
  const sent = header?.toString() ?? ''
  if (sent === '') return null
  const name = decoded(sent)
  if (name !== null && name.length <= NAME_MAX && !name.includes('\0')) return name
  const text = `Oracle-Mobile-Name must be URI-encoded text of at most ${NAME_MAX} characters.`
  throw new ApiError('param_invalid', text)
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** @throws {ApiError} `param_invalid` for what is no media type */
export function contentTypeIn(header: string | undefined): string {
  const type = header?.trim() ?? ''
  if (type === '') return ANY_BYTES
  if (type.length <= TYPE_MAX && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ *(;[\x20-\x7e]*)?$/.test(type)) {
    return type
  }
  throw new ApiError('param_invalid', 'Content-Type must be a media type, such as image/png.')
}

/** @throws {ApiError} `not_acceptable`, naming the type that there is */
export function requireAccepted(header: string | undefined, { contentType }: StoredObject): void {
  const [mediaType = ''] = contentType.toLowerCase().split(';')
  if (acceptsType(header, mediaType.trim())) return
  const text = `The object is of the type ${contentType}, which the header Accept rules out.`
  throw new ApiError('not_acceptable', text, { details: { types: [contentType] } })
}

/** What is told of an object in the headers of a reply; they can hold no more than ASCII. */
export function metadataHeaders(object: StoredObject): Record<string, string> {
  return {
    etag: tagOf(object),
    'oracle-mobile-name': encodeURIComponent(object.name),
    'oracle-mobile-created-by': encodeURI(object.createdBy),
    'oracle-mobile-created-on': new Date(object.createdOn).toISOString(),
    'oracle-mobile-modified-by': encodeURI(object.modifiedBy),
    'oracle-mobile-modified-on': new Date(object.modifiedOn).toISOString(),
    'last-modified': new Date(object.modifiedOn).toUTCString(),
  }
}
